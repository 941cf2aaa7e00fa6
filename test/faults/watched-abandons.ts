import { join } from 'node:path';
import { parseArchiveId, type ArchiveId, type ArchiveKey } from '../../src/domain/ids';
import type { PlatformOf } from '../../src/platform/create-platform';
import type { Simulator } from '../../src/simulator';
import { sha256Of } from '../e2e/sha256';
import { checkBag } from '../support/check-bag';

/**
 * Stops every abandon on its way to the platform and looks into the store: at this moment all archives that it would make deletable must
 * be whole in their bags. What is wrong goes to `found`.
 */
export function watched(
  platformOf: PlatformOf,
  simulator: Simulator,
  bagOf: (key: ArchiveKey) => string,
  found: string[],
): PlatformOf {
  return (tenant) => {
    const platform = platformOf(tenant);
    return {
      ...platform,
      async openAbandon(key, conferenceId, signal) {
        const request = await platform.openAbandon(key, conferenceId, signal);
        return {
          ...request,
          async send(mayBeSent) {
            for (const archiveId of await archivesOf(simulator, conferenceId))
              found.push(...(await problemsOf(simulator, bagOf({ ...key, archiveId }), archiveId)));
            return await request.send(mayBeSent);
          },
        };
      },
    };
  };
}

/** What is wrong with an archive's bag, by the bag's own rules and by what the platform knows to be true. */
export async function problemsOf(
  simulator: Simulator,
  bag: string,
  archiveId: string,
): Promise<readonly string[]> {
  const { sha256 } = await simulator.archive(archiveId);
  const found = await sha256Of(join(bag, 'data', 'archive.zip')).catch(() => 'missing');
  const problems = [...(await checkBag(bag)), ...(found === sha256 ? [] : [`the copy is ${found}`])];
  return problems.map((problem) => `${archiveId}: ${problem}`);
}

async function archivesOf(simulator: Simulator, conferenceId: string): Promise<readonly ArchiveId[]> {
  const entries = await simulator.journal({ kind: 'status', conferenceId });
  return [...new Set(entries.map((entry) => parseArchiveId(entry.archiveId)))];
}
