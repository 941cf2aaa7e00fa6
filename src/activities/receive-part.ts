import { addAbortSignal } from 'node:stream';
import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { Download } from '../platform/platform';
import type { IncomingCopy } from '../store/archive-store';
import { batches, headOf, lengthOf } from './batches';
import type { TransferReport } from './heartbeats';

/** What a transfer works on. */
export interface Receiving {
  readonly key: ArchiveKey;
  readonly copy: IncomingCopy;
  readonly report: TransferReport;
  readonly signal: AbortSignal;
  /** The most bytes that an archive may have. */
  readonly maxSize: number;
  /** Sees every byte as it arrives. */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined;
}

/**
 * Writes what a download brings into the copy, each byte where it belongs, up to position `to` at most. While one batch is
 * written, the next arrives. That a stream ended proves nothing: a connection that was cut may look like one that is done
 * (RFC 9112 §8).
 * @returns the position after the last byte
 * @throws `TransferInterrupted` where it breaks off or ends before what it announced; `ArchiveTooLarge`
 */
export async function receivePart(receiving: Receiving, download: Download, to = Infinity): Promise<number> {
  const { copy, report, onBytes } = receiving;
  const stopAt = Math.min(to, download.end ?? download.totalBytes ?? Infinity);
  let position = download.start;
  let writing = Promise.resolve();
  try {
    for await (const batch of arriving(receiving, download)) {
      const wanted = headOf(batch, stopAt - position);
      const bytes = lengthOf(wanted);
      await requireFit(receiving, position + bytes);
      wanted.forEach((chunk) => onBytes?.(chunk));
      await writing;
      writing = copy.write(position, ...wanted);
      // It is awaited with the next batch; until then nobody listens.
      writing.catch(() => undefined);
      position += bytes;
      report.add(bytes);
      if (bytes < lengthOf(batch)) break;
    }
    await writing;
  } finally {
    download.body.on('error', () => undefined).destroy();
  }
  const end = Math.min(stopAt, download.end ?? position);
  if (position < end) throw interrupted(receiving, `ended after ${position} of ${end} bytes`);
  return position;
}

/** The batches; an error of the connection gets its name here, so that errors of the store keep theirs. */
async function* arriving(receiving: Receiving, { body }: Download): AsyncGenerator<readonly Buffer[]> {
  try {
    yield* batches(addAbortSignal(receiving.signal, body));
  } catch (error) {
    receiving.signal.throwIfAborted();
    throw interrupted(receiving, `broke off (${errorCode(error)})`);
  }
}

/** Nobody goes on with a copy that is too large already. */
async function requireFit(receiving: Receiving, bytes: number): Promise<void> {
  if (bytes > receiving.maxSize) await receiving.copy.discard();
  requireSize(receiving, bytes);
}

/** @throws `ArchiveTooLarge` */
export function requireSize({ key, maxSize }: Pick<Receiving, 'key' | 'maxSize'>, bytes: number): void {
  if (bytes <= maxSize) return;
  throw new ArchivistError(
    'ArchiveTooLarge',
    `Archive ${key.archiveId} of ${key.tenant} has more than the ${maxSize} bytes of \`claim.maxSize\`.`,
  );
}

/** Where bytes came, the next try is worth an early start: the pauses of a connection that fails at once are not for it. */
export function interrupted({ key, report }: Pick<Receiving, 'key' | 'report'>, how: string): ArchivistError {
  return new ArchivistError(
    'TransferInterrupted',
    `The download of archive ${key.archiveId} of ${key.tenant} ${how}.`,
    report.bytes > 0 ? SOON_MS : undefined,
  );
}

const SOON_MS = 1_000;
