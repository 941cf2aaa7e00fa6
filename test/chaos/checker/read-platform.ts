import { request } from 'undici';
import type { JournalEntry, PlatformArchive } from './evidence';

interface JournalPage {
  readonly entries: readonly JournalEntry[];
  readonly more: boolean;
  readonly dropped: number;
}

/** The simulator's journal, whole. @throws where it had to drop entries: there is no judging without them */
export async function readJournal(simulator: string): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.seq ?? 0;
    const page = await get<JournalPage>(`${simulator}/_control/journal?after=${after}`);
    if (page.dropped > 0) throw new Error(`The journal has dropped ${page.dropped} entries.`);
    entries.push(...page.entries);
    if (!page.more) return entries;
  }
}

/** Every archive that the journal tells of, as it is now, with the SHA-256 of its true bytes. */
export async function readArchives(
  simulator: string,
  journal: readonly JournalEntry[],
): Promise<readonly PlatformArchive[]> {
  const made = journal.flatMap(({ kind, archiveId }) =>
    kind === 'status' && archiveId !== undefined ? [archiveId] : [],
  );
  const archives: PlatformArchive[] = [];
  for (const id of new Set(made)) archives.push(await get(`${simulator}/_control/archives/${id}`));
  return archives;
}

async function get<Answer>(url: string): Promise<Answer> {
  const { statusCode, body } = await request(url);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`The simulator answered ${statusCode}: ${text}`);
  return JSON.parse(text) as Answer;
}
