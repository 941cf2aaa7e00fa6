import { addAbortSignal } from 'node:stream';
import { errorCode } from '../../domain/error-code';
import { ArchivistError } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import { drop } from '../../platform/ask';
import type { Download, Part } from '../../platform/download';
import type { IncomingCopy } from '../../store/archive-store';
import type { TransferReport } from '../heartbeats';

/** The context of one attempt at a download. */
export interface Transfer {
  readonly key: ArchiveKey;
  readonly copy: IncomingCopy;
  readonly report: TransferReport;
  readonly signal: AbortSignal;
  /** The most bytes that an archive may have. */
  readonly maxSize: number;
  /** Called with every byte, in order. */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined;
}

/**
 * Appends the file to the copy: the answer `first`, and, as long as the file is known to be longer, further answers from `ask`,
 * because a server may send less than was requested.
 * @throws `TransferInterrupted`, also if the file changed between two answers: the copy is discarded then. `ArchiveTooLarge`
 */
export async function receiveFile(
  transfer: Transfer,
  first: Download,
  ask: (part: Part) => Promise<Download>,
): Promise<void> {
  const { copy } = transfer;
  for (let download = first; ; download = await ask(restOf(copy))) {
    if (!continues(copy, download)) {
      drop(download);
      await copy.discard();
      throw interrupted(transfer, 'cannot go on: the file is another one now, or is not served in parts');
    }
    await receivePart(transfer, download);
    if (copy.receivedBytes >= (copy.source.totalBytes ?? 0)) return;
  }
}

/** The part to request so that the answer continues the copy. */
export function restOf({ receivedBytes, source }: IncomingCopy): Part {
  return { from: receivedBytes, ...source };
}

/** Whether the download begins where the copy ends, and is of the same file. */
export function continues({ receivedBytes, source }: IncomingCopy, download: Download): boolean {
  return (
    download.start === receivedBytes &&
    (source.validator === undefined || download.validator === source.validator) &&
    (source.totalBytes === undefined || download.totalBytes === source.totalBytes)
  );
}

/**
 * Appends one answer, at most as many bytes as it announced. While one batch is written, the next one arrives. The end of the
 * stream proves nothing: a connection that was cut can look like a complete answer (RFC 9112 §8).
 */
async function receivePart(transfer: Transfer, download: Download): Promise<void> {
  const { copy, report, onBytes } = transfer;
  const { end = Infinity } = download;
  let position = download.start;
  let writing = Promise.resolve();
  try {
    for await (const batch of arriving(transfer, download)) {
      const chunks = headOf(batch, end - position);
      const bytes = lengthOf(chunks);
      position += bytes;
      // A copy that is too large is discarded, so that no later attempt resumes it.
      if (position > transfer.maxSize) await copy.discard();
      requireSize(transfer, position);
      chunks.forEach((chunk) => onBytes?.(chunk));
      await writing;
      writing = copy.append(...chunks);
      // The next round awaits it; until then a failure must not count as unhandled.
      writing.catch(() => undefined);
      report.add(bytes);
      if (bytes < lengthOf(batch)) break;
    }
    await writing;
  } finally {
    drop(download);
  }
  if (position < (download.end ?? 0)) throw interrupted(transfer, `ended after ${position} of ${end} bytes`);
}

/** The bytes that one call writes, approximately. */
const BATCH_BYTES = 1024 * 1024;
/** The chunks that one call writes at most: the operating system accepts 1024 (IOV_MAX). */
const BATCH_CHUNKS = 1024;
/** Milliseconds before a batch is written although it is small: a slow transfer must show heartbeats and keep its bytes. */
const LONGEST_WAIT = 1_000;

/**
 * The batches of a download. Its chunks are gathered without copying them, which would cost more than all the rest of the transfer.
 * Only errors of the connection become `TransferInterrupted`; errors of the store keep their type.
 */
async function* arriving(transfer: Transfer, { body }: Download): AsyncGenerator<readonly Buffer[]> {
  let batch: Buffer[] = [];
  let bytes = 0;
  let begun = 0;
  try {
    for await (const chunk of addAbortSignal(transfer.signal, body) as AsyncIterable<Buffer>) {
      if (batch.length === 0) begun = Date.now();
      batch.push(chunk);
      bytes += chunk.length;
      if (bytes < BATCH_BYTES && batch.length < BATCH_CHUNKS && Date.now() - begun < LONGEST_WAIT) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  } catch (error) {
    // The bytes that arrived before the stream broke need not be requested again.
    if (bytes > 0) yield batch;
    transfer.signal.throwIfAborted();
    throw interrupted(transfer, `broke off (${errorCode(error)})`);
  }
  if (bytes > 0) yield batch;
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The first `length` bytes of a batch. */
function headOf(batch: readonly Buffer[], length: number): readonly Buffer[] {
  let left = length;
  return batch.flatMap((chunk) => {
    const head = chunk.subarray(0, Math.max(left, 0));
    left -= chunk.length;
    return head.length === 0 ? [] : [head];
  });
}

/** @throws `ArchiveTooLarge` */
export function requireSize({ key, maxSize }: Pick<Transfer, 'key' | 'maxSize'>, bytes: number): void {
  if (bytes <= maxSize) return;
  throw new ArchivistError(
    'ArchiveTooLarge',
    `The file of ${nameOf(key)} has more than the ${maxSize} bytes of \`claim.maxSize\`.`,
  );
}

/** Milliseconds until the next attempt if this one received bytes: growing pauses are for attempts that fail at once. */
const SOON_MS = 1_000;

function interrupted({ key, report }: Transfer, how: string): ArchivistError {
  return new ArchivistError(
    'TransferInterrupted',
    `The download of ${nameOf(key)} ${how}.`,
    report.bytes > 0 ? SOON_MS : undefined,
  );
}
