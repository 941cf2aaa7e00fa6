import type { Config } from '../../config/load-config';
import type { ArchiveFacts, SecuredArchive, StandingOrders } from '../../domain/claim';
import { unless } from '../../domain/error-code';
import { ArchivistError, failureOf } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import type { ExpiryTerms, LedgerEntry } from '../../ledger/ledger';
import type { PlatformOf } from '../../platform/create-platform';
import type { ArchiveRecord } from '../../domain/record';
import type { ArchiveStore, SealedCopy } from '../../store/archive-store';
import type { Dependencies } from '../dependencies';

/**
 * Reads the record, until `signal` aborts. For a tenant that is not configured it returns the failure, too.
 * @returns the record, or why it could not be read; only `ArchiveNotFound` says something about the archive
 */
export async function readRecord(
  platformOf: PlatformOf,
  key: ArchiveKey,
  signal: AbortSignal,
): Promise<ArchiveRecord | ArchivistError> {
  try {
    return await platformOf(key.tenant).fetchRecord(key, signal);
  } catch (error) {
    if (error instanceof ArchivistError) return error;
    if (!signal.aborted) throw error;
    return new ArchivistError('PlatformUnavailable', `The record of ${nameOf(key)} was not read in time.`);
  }
}

/**
 * The facts that a claim needs from a record whose file can be downloaded.
 * @throws {@link ArchivistError} `RecordInvalid` without a conference, `ChecksumMissing` without a checksum if one is required
 */
export function factsOf(record: ArchiveRecord, key: ArchiveKey, requireChecksum: boolean): ArchiveFacts {
  const { conferenceId, sha256, status: platformStatus } = record;
  if (conferenceId === undefined) {
    throw new ArchivistError('RecordInvalid', `The record of ${nameOf(key)} names no usable conference.`);
  }
  if (sha256 === undefined && requireChecksum) throw failureOf('ChecksumMissing', key);
  return { conferenceId, platformStatus, ...(sha256 !== undefined && { sha256 }) };
}

/** Whether a record must have a checksum: neither the configuration nor a person has waived it. */
export function needsChecksum(
  { requireChecksum }: Dependencies['settings'],
  { accepted }: LedgerEntry,
): boolean {
  return requireChecksum && !accepted.includes('withoutChecksum');
}

/** The secured copy that the ledger knows of, if there is one. */
export function securedIn(entry: LedgerEntry): SecuredArchive | undefined {
  const { securedAt, conferenceId, sha256, sizeBytes, location } = entry;
  if (securedAt === undefined || conferenceId === undefined) return undefined;
  if (sha256 === undefined || sizeBytes === undefined || location === undefined) return undefined;
  return { conferenceId, sha256, sizeBytes, location };
}

/**
 * Reads what the sealed bag says about its archive; returns `undefined` if there is no bag, or an incomplete one.
 * @throws ArchivistError what the store throws if it cannot be used
 */
export async function findWholeBag(store: ArchiveStore, key: ArchiveKey): Promise<SealedCopy | undefined> {
  return await unless(['StoreConflict'], store.findSealed(key));
}

/** Reads from the configuration when the recheck and the deletion are due after the platform was told. */
export function expiryTerms({ recheck, period }: Config['expiry']): ExpiryTerms {
  return { recheckMs: recheck, periodMs: period };
}

/** The orders that stand for an archive. */
export async function readOrders(
  { ledger }: Pick<Dependencies, 'ledger'>,
  key: ArchiveKey,
): Promise<StandingOrders> {
  const { decided, deadlineAt } = (await ledger.find(key)) ?? {};
  return {
    ...(decided && { decision: decided.decision }),
    ...(deadlineAt && { deadlineAt: deadlineAt.getTime() }),
  };
}
