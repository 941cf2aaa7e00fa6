import type { Case } from './case';
import type { Hold } from './evidence';

/**
 * Holds that were confirmed and not kept: an abandon took effect on the archive that was sent before anybody released it, whether
 * that was before the confirmation, which was false then, or after it.
 */
export function overruled(cases: readonly Case[], holds: readonly Hold[]): string[] {
  return holds.flatMap(({ archiveId, releasedAt }) => {
    const abandons = cases.find(({ archive }) => archive.archiveId === archiveId)?.abandons ?? [];
    return abandons
      .map(({ startedAt, at }) => startedAt ?? at)
      .filter((sentAt) => Date.parse(sentAt) < releasedAt)
      .map((sentAt) => `${archiveId}: its hold was confirmed, and the abandon of ${sentAt} took effect`);
  });
}
