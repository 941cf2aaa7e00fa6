import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy } from '../domain/claim';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { Download } from '../platform/platform';
import { SEALED, type IncomingCopy } from '../store/archive-store';
import type { Dependencies } from './dependencies';
import { TransferReport } from './transfer-report';

/**
 * Brings the archive's bytes into the store as a copy of its own, unsealed and unproven, durable when this returns.
 * Where the store has a sealed bag with the record's checksum, that is the copy; it is proven again like any other.
 */
export function createDownloadArchive({ platformOf, store, ledger }: Dependencies) {
  return async function downloadArchive(key: ArchiveKey, { sha256 }: ArchiveFacts): Promise<DownloadedCopy> {
    await ledger.progress(key, 'downloading');
    const bag = await store.findSealed(key);
    if (bag !== undefined && (sha256 === undefined || bag.sha256 === sha256)) {
      return { copyId: SEALED, sizeBytes: bag.sizeBytes, sha256: bag.sha256 };
    }
    const report = new TransferReport();
    const download = await report.during(platformOf(key.tenant).download(key, cancellationSignal()));
    report.totalBytes = download.contentLength;
    return await receive(key, download, report);
  };

  async function receive(
    key: ArchiveKey,
    { body }: Download,
    report: TransferReport,
  ): Promise<DownloadedCopy> {
    try {
      const copy = await store.receive(key, report.totalBytes);
      try {
        return await fill(key, copy, body, report);
      } catch (error) {
        await copy.abort();
        throw error;
      }
    } finally {
      body.on('error', () => undefined).destroy();
    }
  }

  async function fill(
    key: ArchiveKey,
    copy: IncomingCopy,
    body: Readable,
    report: TransferReport,
  ): Promise<DownloadedCopy> {
    const hash = createHash('sha256');
    for await (const chunk of chunksOf(key, body)) {
      hash.update(chunk);
      await copy.write(chunk);
      report.add(chunk.length);
    }
    const { bytes, totalBytes } = report;
    if (totalBytes !== undefined && bytes !== totalBytes) {
      throw new ArchivistError(
        'TransferInterrupted',
        `The download of archive ${key.archiveId} of ${key.tenant} ended after ${bytes} of ${totalBytes} bytes.`,
      );
    }
    await report.during(copy.finish());
    return { copyId: copy.copyId, sizeBytes: bytes, sha256: hash.digest('hex') };
  }
}

/** The body's chunks; an error of the connection gets its name here, so that errors of the store keep theirs. */
async function* chunksOf(key: ArchiveKey, body: Readable): AsyncGenerator<Buffer> {
  const signal = cancellationSignal();
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw transferError(key, error);
  }
}

function transferError({ tenant, archiveId }: ArchiveKey, error: unknown): ArchivistError {
  return new ArchivistError(
    'TransferInterrupted',
    `The download of archive ${archiveId} of ${tenant} broke off (${errorCode(error)}).`,
  );
}
