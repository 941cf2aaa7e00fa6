import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { JournalEntry, RequestEntry } from '../../simulator';
import type { Act } from './archives';
import { DEMO_TENANT, type Installation } from './installation';

/** What the platform's journal and the files show of one archive, independently of the system's own reports. */
export type Verdict = Awaited<ReturnType<typeof judgeOne>>;

/** Judges all archives by the simulator's journal and by their bags' bytes. Shares no code with what it judges. */
export async function judge(installation: Installation, acts: readonly Act[]): Promise<Verdict[]> {
  const journal = await installation.simulator.journal();
  const verdicts: Verdict[] = [];
  for (const act of acts) verdicts.push(await judgeOne(installation, journal, act));
  return verdicts;
}

async function judgeOne({ folder, simulator }: Installation, journal: readonly JournalEntry[], act: Act) {
  const { archiveId, conferenceId, sizeBytes } = act;
  const { status, sha256 } = await simulator.archive(archiveId);
  const bag = join(folder, 'data', 'archives', DEMO_TENANT, archiveId);
  const file = join(bag, 'data', 'archive.zip');
  const secured =
    sha256 !== undefined && (await digest(file)) === sha256 && (await stat(file)).size === sizeBytes;
  const sealedAt = secured ? (await stat(join(bag, 'tagmanifest-sha256.txt'))).mtimeMs : Infinity;
  const requests = journal.filter((entry) => entry.kind === 'request');
  const abandons = requests.filter(
    (entry) => entry.endpoint === 'abandon' && entry.conferenceId === conferenceId,
  );
  const downloads = requests.filter(
    (entry) => entry.endpoint === 'download' && entry.archiveId === archiveId && entry.complete,
  );
  return {
    act,
    /** Whether the file in the bag has the platform's checksum and size. */
    secured,
    /** Whether the platform shows it as abandoned. */
    abandoned: status === 'ABANDONED',
    /** Abandons that took effect. */
    effects: abandons.filter(({ effect }) => effect === true).length,
    /** Abandons that were sent before there was a whole copy in its bag. */
    unsafeAbandons: abandons.filter((abandon) => !isSafe(abandon, downloads, sealedAt)).length,
    /** Notifications that were answered with `duplicate`. */
    duplicates: journal.filter(
      (entry) => entry.kind === 'delivery' && entry.archiveId === archiveId && entry.answer === 'duplicate',
    ).length,
  };
}

function isSafe({ startedAt }: RequestEntry, downloads: readonly RequestEntry[], sealedAt: number): boolean {
  const sentAt = Date.parse(startedAt);
  return downloads.some(({ endedAt }) => Date.parse(endedAt) <= sentAt) && sealedAt <= sentAt;
}

/** The file's SHA-256; `undefined` if it cannot be read. */
async function digest(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  return await pipeline(createReadStream(path), hash).then(
    () => hash.digest('hex'),
    () => undefined,
  );
}
