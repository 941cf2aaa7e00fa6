import type { Case } from './case';
import type { GivenUp, Hold } from './evidence';

/** Confirmed decisions that were not kept. */
export function overruled(
  cases: readonly Case[],
  holds: readonly Hold[],
  givenUp: readonly GivenUp[],
): string[] {
  const forEver = givenUp
    .filter(({ isConfirmed }) => isConfirmed)
    .map(({ archiveId }) => ({ archiveId, releasedAt: Infinity }));
  return [...notKept(cases, holds, 'its hold'), ...notKept(cases, forEver, 'that it is given up')];
}

/**
 * Holds that were confirmed and not kept: an abandon took effect on the archive that was sent before anybody released it, whether
 * that was before the confirmation, which was false then, or after it.
 */
function notKept(cases: readonly Case[], holds: readonly Hold[], what: string): string[] {
  return holds.flatMap(({ archiveId, releasedAt }) => {
    const abandons = cases.find(({ archive }) => archive.archiveId === archiveId)?.abandons ?? [];
    return abandons
      .map(({ startedAt, at }) => startedAt ?? at)
      .filter((sentAt) => Date.parse(sentAt) < releasedAt)
      .map((sentAt) => `${archiveId}: ${what} was confirmed, and the abandon of ${sentAt} took effect`);
  });
}
