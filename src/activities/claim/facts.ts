import type { Config } from '../../config/load-config';
import type { ArchiveFacts, SecuredArchive } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { ArchiveRecord } from '../../domain/record';
import type { ExpiryTerms, LedgerEntry } from '../../ledger/ledger';

/**
 * What a claim needs to know of a record whose file can be downloaded.
 * @throws {@link ArchivistError} `RecordInvalid` without a conference, `ChecksumMissing` without a checksum if one is required
 */
export function factsOf(record: ArchiveRecord, key: ArchiveKey, requireChecksum: boolean): ArchiveFacts {
  const { conferenceId, sha256, status: platformStatus } = record;
  if (conferenceId === undefined) {
    throw new ArchivistError(
      'RecordInvalid',
      `The record of archive ${key.archiveId} of ${key.tenant} names no usable conference.`,
    );
  }
  if (sha256 === undefined && requireChecksum) {
    throw new ArchivistError(
      'ChecksumMissing',
      `The record of archive ${key.archiveId} of ${key.tenant} has no usable SHA-256.`,
    );
  }
  return { conferenceId, platformStatus, ...(sha256 !== undefined && { sha256 }) };
}

/** The secured copy that the ledger knows of, if there is one. */
export function securedIn(entry: LedgerEntry): SecuredArchive | undefined {
  const { securedAt, conferenceId, sha256, sizeBytes, location } = entry;
  if (securedAt === undefined || conferenceId === undefined) return undefined;
  if (sha256 === undefined || sizeBytes === undefined || location === undefined) return undefined;
  return { conferenceId, sha256, sizeBytes, location };
}

/** When what is due after the platform was told, by the configuration. */
export function expiryTerms({ recheck, period }: Config['expiry']): ExpiryTerms {
  return { recheckMs: recheck, periodMs: period };
}
