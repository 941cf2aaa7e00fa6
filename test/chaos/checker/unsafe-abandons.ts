import type { Case } from './case';
import type { JournalEntry, LedgerEvent } from './evidence';

/** No file is left that an abandon could make deletable; FAILED may still become AVAILABLE. */
const NOTHING_TO_LOSE = ['ABANDONED', 'EXPIRED'];

/**
 * Every abandon that reached the platform, with or without effect, must have found a right copy of each archive that it
 * concerns: proven by a fixity check and recorded as secured before it was sent, and right on the disk still. It concerns all
 * archives of its conference.
 */
export function unsafeAbandons(cases: readonly Case[], journal: readonly JournalEntry[]): string[] {
  const sent = journal.filter(({ kind, endpoint }) => kind === 'request' && endpoint === 'abandon');
  return sent.flatMap((abandon) =>
    cases
      .filter((one) => concerns(abandon, one))
      .flatMap((one) => {
        const why = whyUnsafe(one, Date.parse(abandon.startedAt ?? abandon.at));
        return why === undefined
          ? []
          : [
              `${one.archive.archiveId}: the abandon of ${abandon.startedAt ?? abandon.at} was unsafe: ${why}`,
            ];
      }),
  );
}

function concerns(abandon: JournalEntry, { archive, statuses }: Case): boolean {
  if (abandon.affected?.includes(archive.archiveId)) return true;
  const isMeant = abandon.archiveId === archive.archiveId || abandon.conferenceId === archive.conferenceId;
  const before = statuses.filter(({ at }) => Date.parse(at) <= Date.parse(abandon.startedAt ?? abandon.at));
  const status = before.at(-1)?.status;
  return isMeant && status !== undefined && !NOTHING_TO_LOSE.includes(status);
}

function whyUnsafe({ archive, chainFault, events, rightBag }: Case, sentAt: number): string | undefined {
  if (chainFault !== undefined) return `the ledger proves nothing: ${chainFault}`;
  if (rightBag === undefined) return 'there is no right bag';
  const secured = events.find((event) => speaksOf(archive.sha256, 'accession', event));
  if (secured === undefined) return 'the ledger never had it as secured';
  if (Date.parse(secured.at) > sentAt) return `it was secured only at ${secured.at}`;
  const proven = events.some(
    (event) => event.sequence < secured.sequence && speaksOf(archive.sha256, 'fixity check', event),
  );
  return proven ? undefined : 'it was secured without a fixity check before';
}

function speaksOf(
  sha256: string | undefined,
  wanted: string,
  { type, outcome, detail }: LedgerEvent,
): boolean {
  if (type !== wanted || outcome !== 'success') return false;
  return (JSON.parse(detail) as { readonly sha256?: string }).sha256 === sha256;
}
