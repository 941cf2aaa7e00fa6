import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { JournalEntry, RequestEntry, SimulatorClient } from '../../simulator';
import type { Act } from './follow';
import { DEMO_TENANT } from './stage';

/** What the platform's journal and the files say of one archive, whatever the system says of itself. */
export interface Verdict {
  readonly act: Act;
  /** The file in the bag has the platform's checksum and size. */
  readonly secured: boolean;
  /** The platform shows it as abandoned. */
  readonly abandoned: boolean;
  /** Abandons that took effect. */
  readonly effects: number;
  /** Abandons that were sent before there was a whole copy in its bag. */
  readonly unsafeAbandons: number;
  /** Notifications that were answered with `duplicate`. */
  readonly duplicates: number;
}

/** Judges all archives by the simulator's journal and by their bags' bytes. Shares no code with what it judges. */
export async function judge(
  folder: string,
  simulator: SimulatorClient,
  acts: readonly Act[],
): Promise<Verdict[]> {
  const journal = await simulator.journal();
  const verdicts: Verdict[] = [];
  for (const act of acts) verdicts.push(await judgeOne(folder, simulator, journal, act));
  return verdicts;
}

async function judgeOne(
  folder: string,
  simulator: SimulatorClient,
  journal: readonly JournalEntry[],
  act: Act,
): Promise<Verdict> {
  const { archiveId, conferenceId, sizeBytes } = act;
  const { status, sha256 } = await simulator.archive(archiveId);
  const bag = join(folder, 'data', 'archives', DEMO_TENANT, archiveId);
  const found = await digest(join(bag, 'data', 'archive.zip'));
  const secured = sha256 !== undefined && found?.sha256 === sha256 && found.sizeBytes === sizeBytes;
  const requests = journal.filter((entry) => entry.kind === 'request');
  const abandons = requests.filter(
    (entry) => entry.endpoint === 'abandon' && entry.conferenceId === conferenceId,
  );
  const downloads = requests.filter(
    (entry) => entry.endpoint === 'download' && entry.archiveId === archiveId && entry.complete,
  );
  const sealedAt = secured ? (await stat(join(bag, 'tagmanifest-sha256.txt'))).mtimeMs : Infinity;
  return {
    act,
    secured,
    abandoned: status === 'ABANDONED',
    effects: abandons.filter(({ effect }) => effect === true).length,
    unsafeAbandons: abandons.filter((abandon) => !isSafe(abandon, downloads, sealedAt)).length,
    duplicates: journal.filter(
      (entry) => entry.kind === 'delivery' && entry.archiveId === archiveId && entry.answer === 'duplicate',
    ).length,
  };
}

function isSafe({ startedAt }: RequestEntry, downloads: readonly RequestEntry[], sealedAt: number): boolean {
  const sentAt = Date.parse(startedAt);
  return downloads.some(({ endedAt }) => Date.parse(endedAt) <= sentAt) && sealedAt <= sentAt;
}

async function digest(
  path: string,
): Promise<{ readonly sha256: string; readonly sizeBytes: number } | undefined> {
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return { sha256: hash.digest('hex'), sizeBytes: (await stat(path)).size };
  } catch {
    return undefined;
  }
}
