import { createHash } from 'node:crypto';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import type { Download, Part } from '../../platform/platform';
import { SEALED, type IncomingCopy } from '../../store/archive-store';
import type { Dependencies } from '../dependencies';
import { findWholeBag } from './sealed-bag';
import { fenceOf, STEPS, takeStep } from '../fence';
import { TransferReport } from '../heartbeats';
import { fits, partFor, receiveFile } from '../receive-file';
import { requireSize } from '../receive-part';

/**
 * Brings the archive's bytes into the store as a copy of its own, unsealed and unproven, durable when this returns. It goes
 * on from where an earlier attempt ended, whatever worker that was. If the store has a sealed bag with the record's checksum,
 * that is the copy, and is proven again like any other, unless its latest fixity check failed.
 *
 * @throws ArchivistError `FencedOff`, `LedgerBehind`, `TransferInterrupted`, `NotDownloadable`, `ArchiveTooLarge`, and what the platform
 * and the store throw
 */
export function createDownloadArchive({ platformOf, store, ledger, settings }: Dependencies) {
  return async function downloadArchive(key: ArchiveKey, { sha256 }: ArchiveFacts): Promise<DownloadedCopy> {
    const { fixity } = await takeStep(ledger, key, fenceOf(STEPS.downloadArchive), 'downloading');
    const bag = fixity?.ok === false ? undefined : await findWholeBag(store, key);
    if (bag !== undefined && (sha256 === undefined || bag.sha256 === sha256))
      return { copyId: SEALED, sizeBytes: bag.sizeBytes, sha256: bag.sha256 };
    return sha256 === undefined ? await receiveHashed(key) : await receiveOn(key);
  };

  /** Goes on with what there is. What was not hashed as it arrived is hashed when it is read back. */
  async function receiveOn(key: ArchiveKey): Promise<DownloadedCopy> {
    const report = new TransferReport();
    const left = await report.during(store.resume(key));
    try {
      const gap = left?.gaps(left.source.totalBytes ?? Infinity)[0];
      if (left !== undefined && gap === undefined) return await finish(left, report);
      const download = await report.during(ask(key, left && gap ? partFor(left, gap) : { from: 0 }));
      if (left !== undefined && gap !== undefined && fits(left, download, gap))
        return await fill(key, left, download, report);
      await left?.discard();
      return await fill(key, await receive(key, download), download, report);
    } finally {
      await left?.release();
    }
  }

  /** Without a checksum to compare with, the bytes are hashed as they arrive: all of them, and in order. */
  async function receiveHashed(key: ArchiveKey): Promise<DownloadedCopy> {
    const report = new TransferReport();
    const hash = createHash('sha256');
    const download = await report.during(ask(key, { from: 0 }));
    const copy = await receive(key, download);
    const received = await fill(key, copy, download, report, (bytes) => hash.update(bytes));
    return { ...received, sha256: hash.digest('hex') };
  }

  async function fill(
    key: ArchiveKey,
    copy: IncomingCopy,
    download: Download,
    report: TransferReport,
    onBytes?: (bytes: Buffer) => void,
  ): Promise<DownloadedCopy> {
    report.alreadyThere = copy.receivedBytes;
    report.totalBytes = copy.source.totalBytes;
    const { maxSize } = settings;
    const receiving = { key, copy, report, maxSize, onBytes, signal: cancellationSignal() };
    // Bytes that are hashed come in order; and where several connections at once failed, one may do.
    const connections = onBytes === undefined && activityInfo().attempt === 1 ? settings.connections : 1;
    try {
      await receiveFile(platformOf(key.tenant), receiving, download, connections);
      return await finish(copy, report);
    } finally {
      await copy.release();
    }
  }

  async function receive(key: ArchiveKey, download: Download): Promise<IncomingCopy> {
    try {
      const { validator, totalBytes } = download;
      requireSize({ key, maxSize: settings.maxSize }, totalBytes ?? 0);
      return await store.receive(key, { validator, totalBytes });
    } catch (error) {
      download.body.on('error', () => undefined).destroy();
      throw error;
    }
  }

  /** Where the platform has no file to give, its record tells whether to ask again or to begin anew. */
  async function ask(key: ArchiveKey, part: Part): Promise<Download> {
    try {
      return await platformOf(key.tenant).download(key, part, cancellationSignal());
    } catch (error) {
      if (error instanceof ArchivistError && REFUSALS.includes(error.type))
        await requireDownloadable(key, error);
      throw error;
    }
  }

  async function requireDownloadable(key: ArchiveKey, refusal: ArchivistError): Promise<void> {
    const record = await platformOf(key.tenant)
      .fetchRecord(key, cancellationSignal())
      .catch(() => undefined);
    if (record === undefined || DOWNLOADABLE.includes(availabilityOf(record.status))) throw refusal;
    throw new ArchivistError(
      'NotDownloadable',
      `The platform no longer has the file of archive ${key.archiveId} of ${key.tenant} to give.`,
    );
  }
}

const REFUSALS: readonly string[] = ['ArchiveNotFound', 'CredentialsRejected', 'PlatformUnavailable'];
const DOWNLOADABLE: readonly string[] = ['available', 'abandoned'];

async function finish(copy: IncomingCopy, report: TransferReport): Promise<DownloadedCopy> {
  await report.during(copy.finish());
  return { copyId: copy.copyId, sizeBytes: copy.receivedBytes };
}
