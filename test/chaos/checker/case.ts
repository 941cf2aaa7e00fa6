import type { Bag } from './bags';
import { faultOfChain } from './chain';
import type {
  ClaimRun,
  Evidence,
  Exception,
  JournalEntry,
  LedgerEvent,
  LedgerRow,
  PlatformArchive,
} from './evidence';

/** All that is known of one archive of the platform. */
export interface Case {
  readonly archive: PlatformArchive;
  /** Its statuses, in their order. */
  readonly statuses: readonly JournalEntry[];
  /** Abandons that took effect on it. */
  readonly abandons: readonly JournalEntry[];
  readonly row: LedgerRow | undefined;
  /** What is wrong with its chain of events, if anything is. */
  readonly chainFault: string | undefined;
  /** Its events in the ledger; none where the chain is broken, as a broken chain proves nothing. */
  readonly events: readonly LedgerEvent[];
  readonly bags: readonly Bag[];
  /** The bag in its place, where it is valid and holds the archive's true bytes. */
  readonly rightBag: Bag | undefined;
  readonly claims: readonly ClaimRun[];
  readonly exception: Exception | undefined;
}

export function casesOf(evidence: Evidence, bags: readonly Bag[]): readonly Case[] {
  return evidence.archives.map((archive) => caseOf(archive, evidence, bags));
}

function caseOf(archive: PlatformArchive, evidence: Evidence, allBags: readonly Bag[]): Case {
  const { tenant, journal, exceptions } = evidence;
  const { archiveId } = archive;
  const isIts = (of: { readonly tenant: string; readonly archiveId: string }): boolean =>
    of.tenant === tenant && of.archiveId === archiveId;
  const row = evidence.rows.find(isIts);
  const events = evidence.events.filter(isIts);
  const chainFault = row && faultOfChain(row, events);
  const bags = allBags.filter((bag) => bag.archiveId === archiveId);
  const exception = exceptions.get(archiveId);
  return {
    archive,
    statuses: journal.filter((entry) => entry.kind === 'status' && entry.archiveId === archiveId),
    abandons: journal.filter(({ affected }) => affected?.includes(archiveId)),
    row,
    chainFault,
    events: chainFault === undefined ? events : [],
    bags,
    rightBag: bags.find((bag) => bag.path === `${tenant}/${archiveId}` && isRight(bag, archive, exception)),
    claims: evidence.claims.filter((claim) => claim.archiveId === archiveId),
    exception,
  };
}

/**
 * Whether a bag is valid and holds the bytes that the platform has, whatever the ledger says of them. They are a zip unless the
 * platform's are none.
 */
export function isRight(
  { problems, zipFault, sha256 }: Bag,
  archive: PlatformArchive,
  exception: Exception | undefined,
): boolean {
  if (zipFault !== undefined && exception?.end !== 'flawed') return false;
  return problems.length === 0 && sha256 !== undefined && sha256 === archive.sha256;
}
