import { createHash } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy } from '../../domain/claim';
import { ArchivistError, failureOf } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import { drop } from '../../platform/ask';
import type { Download, Part } from '../../platform/download';
import { SEALED, type IncomingCopy } from '../../store/archive-store';
import type { Dependencies } from '../dependencies';
import { fenceOf, STEPS, takeStep } from '../fence';
import { findWholeBag, readRecord } from './facts';
import { continues, receiveFile, requireSize, restOf } from './receive-file';
import { TransferReport } from '../heartbeats';

/**
 * Downloads the archive into an incoming copy, which is durable when this returns, but neither verified nor sealed. The
 * activity resumes the copy of an earlier attempt, whichever worker made it. If the store already has a sealed bag with the
 * record's checksum, that bag is the copy, and is verified again like any other, unless its latest fixity check failed.
 *
 * @throws ArchivistError `FencedOff`, `LedgerBehind`, `TransferInterrupted`, `NotDownloadable`, `ArchiveTooLarge`, and what the platform
 * and the store throw
 */
export async function downloadArchive(
  { platformOf, store, ledger, settings: { maxSize } }: Dependencies,
  key: ArchiveKey,
  { sha256 }: ArchiveFacts,
): Promise<DownloadedCopy> {
  const { fixity } = await takeStep(ledger, key, fenceOf(STEPS.downloadArchive), 'downloading');
  const bag = fixity?.ok === false ? undefined : await findWholeBag(store, key);
  if (bag !== undefined && (sha256 === undefined || bag.sha256 === sha256))
    return { copyId: SEALED, sizeBytes: bag.sizeBytes, sha256: bag.sha256 };
  const signal = cancellationSignal();
  const report = new TransferReport();
  return sha256 === undefined ? await downloadHashed() : await downloadRest();

  /** Resumes the copy that an earlier attempt left, or begins one. Its bytes are hashed when they are read back. */
  async function downloadRest(): Promise<DownloadedCopy> {
    const left = await report.during(store.resume(key));
    try {
      if (left !== undefined && left.receivedBytes === left.source.totalBytes)
        return await finish(left, report);
      const download = await ask(left === undefined ? { from: 0 } : restOf(left));
      if (left !== undefined && continues(left, download)) return await receiveInto(left, download);
      await left?.discard();
      return await receiveInto(await beginCopy(download), download);
    } finally {
      await left?.release();
    }
  }

  /** If the record has no checksum, the bytes are hashed while they arrive: all of them, from the first one on. */
  async function downloadHashed(): Promise<DownloadedCopy> {
    const hash = createHash('sha256');
    const download = await ask({ from: 0 });
    const received = await receiveInto(await beginCopy(download), download, (bytes) => hash.update(bytes));
    return { ...received, sha256: hash.digest('hex') };
  }

  async function receiveInto(
    copy: IncomingCopy,
    download: Download,
    onBytes?: (bytes: Buffer) => void,
  ): Promise<DownloadedCopy> {
    report.alreadyThere = copy.receivedBytes;
    report.totalBytes = copy.source.totalBytes;
    try {
      await receiveFile({ key, copy, report, maxSize, onBytes, signal }, download, ask);
      return await finish(copy, report);
    } finally {
      await copy.release();
    }
  }

  async function beginCopy(download: Download): Promise<IncomingCopy> {
    try {
      const { validator, totalBytes } = download;
      requireSize({ key, maxSize }, totalBytes ?? 0);
      return await store.receive(key, { validator, totalBytes });
    } catch (error) {
      drop(download);
      throw error;
    }
  }

  /** If the platform refuses the file, reads the record to learn whether a later attempt can download it. */
  async function ask(part: Part): Promise<Download> {
    try {
      const wanted = { ...part, hasChecksum: sha256 !== undefined };
      return await report.during(platformOf(key.tenant).download(key, wanted, signal));
    } catch (error) {
      if (!(error instanceof ArchivistError) || !REFUSALS.includes(error.type)) throw error;
      const record = await report.during(readRecord(platformOf, key, signal));
      if (record instanceof ArchivistError || DOWNLOADABLE.includes(availabilityOf(record.status)))
        throw error;
      throw failureOf('NotDownloadable', key);
    }
  }
}

const REFUSALS: readonly string[] = [
  'ArchiveNotFound',
  'CredentialsRejected',
  'FileRefused',
  'PlatformUnavailable',
];
const DOWNLOADABLE: readonly string[] = ['available', 'abandoned'];

async function finish(copy: IncomingCopy, report: TransferReport): Promise<DownloadedCopy> {
  await report.during(copy.finish());
  return { copyId: copy.copyId, sizeBytes: copy.receivedBytes };
}
