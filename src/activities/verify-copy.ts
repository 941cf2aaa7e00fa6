import { cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy, VerifiedCopy } from '../domain/claim';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { CopyReader } from '../store/archive-store';
import { digestCopy, type CopyDigest } from '../store/digest-copy';
import { countZipEntries } from '../store/count-zip-entries';
import type { Dependencies } from './dependencies';
import { TransferReport } from './transfer-report';

/**
 * Proves a copy: its SHA-256, read back from the store whole, is compared with the record's and its size with what arrived,
 * and the zip is opened. Reading back counts whether the store did it behind the writer's back, as long as nothing touched
 * the file since, or it is done here; what was seen while the bytes passed by counts for nothing. A copy that fails is
 * discarded, so that it can never be sealed.
 */
export function createVerifyCopy({ store, ledger }: Dependencies) {
  return async function verifyCopy(
    key: ArchiveKey,
    facts: ArchiveFacts,
    copy: DownloadedCopy,
  ): Promise<VerifiedCopy> {
    await ledger.progress(key, 'verifying');
    const reader = await store.open(key, copy.copyId);
    try {
      const sha256 = await compare(key, facts, copy, reader);
      return { ...copy, sha256, entries: await countZipEntries(reader) };
    } finally {
      await reader.close();
    }
  };

  async function compare(
    key: ArchiveKey,
    facts: ArchiveFacts,
    copy: DownloadedCopy,
    reader: CopyReader,
  ): Promise<string> {
    const found = await digestOf(reader);
    // Without a checksum in the record, the bytes that arrived are the best there is to compare with.
    const ok = found.sha256 === (facts.sha256 ?? copy.sha256) && found.sizeBytes === copy.sizeBytes;
    await ledger.noteVerification(key, { ...found, ok });
    if (ok) return found.sha256;
    await store.discard(key, copy.copyId);
    throw new ArchivistError(
      'ChecksumMismatch',
      `The copy of archive ${key.archiveId} of ${key.tenant} is not what the record says; it was discarded.`,
    );
  }
}

async function digestOf(reader: CopyReader): Promise<CopyDigest> {
  const { readBack: sha256, sizeBytes } = reader;
  if (sha256 !== undefined) return { sha256, sizeBytes };
  const report = new TransferReport();
  report.totalBytes = sizeBytes;
  return await digestCopy(reader, {
    signal: cancellationSignal(),
    onBytes: (count) => report.add(count),
  });
}
