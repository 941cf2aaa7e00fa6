import { ArchivistError } from '../domain/failures';
import type { ArchiveFacts } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import type { ArchiveRecord } from '../platform/record';
import type { Dependencies } from './dependencies';

/** Fetches the platform's record and keeps it, whole, in the ledger: personal data ends there. */
export async function fetchRecord(
  { platformOf, ledger }: Pick<Dependencies, 'platformOf' | 'ledger'>,
  key: ArchiveKey,
  signal: AbortSignal,
): Promise<ArchiveRecord> {
  const record = await platformOf(key.tenant).fetchRecord(key, signal);
  const { status: platformStatus, conferenceId, sha256, source: recordSource } = record;
  await ledger.noteRecord(key, {
    platformStatus,
    recordSource,
    ...(conferenceId !== undefined && { conferenceId }),
    ...(sha256 !== undefined && { sha256 }),
  });
  return record;
}

/**
 * What a claim needs to know of a record whose file can be downloaded.
 * @throws {@link ArchivistError} `RecordInvalid` without a conference, `ChecksumMissing` without a checksum where one is required
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
