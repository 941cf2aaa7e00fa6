import { createHash } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import { unless } from '../domain/error-code';
import type { ArchiveKey } from '../domain/ids';
import type { CopyVerdict } from '../domain/sweep';
import { SEALED, type ArchiveStore, type CopyReader } from './archive-store';

/** The digest and size of a copy that was read back. */
export interface CopyDigest {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface DigestOptions {
  /** Stops the reading; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with the size of every chunk that was hashed. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Reads a whole copy back from the store, and computes its SHA-256: the fixity check on which everything relies.
 * @throws what the store throws if the copy cannot be read
 */
export async function digestCopy(reader: CopyReader, options: DigestOptions = {}): Promise<CopyDigest> {
  const { signal, onBytes } = options;
  signal?.throwIfAborted();
  const stream = reader.stream();
  const chunks: AsyncIterable<Buffer> = signal === undefined ? stream : addAbortSignal(signal, stream);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      onBytes?.(chunk.length);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** The result of examining a stored copy. */
export interface Examination {
  readonly verdict: CopyVerdict;
  /** What was read; absent if nothing could be read. */
  readonly found?: CopyDigest;
}

/**
 * Reads a sealed copy back from the store, whole, and compares it with what was secured: its SHA-256 and size, and those that the
 * bag's own manifest names. Changes nothing. If a copy seems damaged, it is read again, as the reader may be at fault. A copy
 * with an unreadable part is damaged; if another archive's bag is in its place, the copy is missing.
 * @throws ArchivistError `StoreUnavailable` if the store itself cannot be used
 */
export async function examineCopy(
  store: ArchiveStore,
  key: ArchiveKey,
  secured: CopyDigest,
  options: DigestOptions,
): Promise<Examination> {
  const first = await examineOnce(store, key, secured, options);
  return first.verdict === 'damaged' ? await examineOnce(store, key, secured, options) : first;
}

async function examineOnce(
  store: ArchiveStore,
  key: ArchiveKey,
  secured: CopyDigest,
  options: DigestOptions,
): Promise<Examination> {
  const reader = await unless(['CopyMissing', 'StoreConflict'], store.open(key, SEALED));
  if (reader === undefined) return { verdict: 'missing' };
  try {
    const found = await unless(['CopyMissing'], digestCopy(reader, options));
    if (found === undefined) {
      // A part of the copy cannot be read; `check` throws if the store itself is the wrong one.
      await store.check();
      return { verdict: 'damaged' };
    }
    // `open` has checked whose bag it is: a conflict now means that the bag lacks a part.
    const bag = await unless(['StoreConflict'], store.findSealed(key));
    const isWhole = [found, bag].every(
      (copy) => copy?.sha256 === secured.sha256 && copy.sizeBytes === secured.sizeBytes,
    );
    return { verdict: isWhole ? 'whole' : 'damaged', found };
  } finally {
    await reader.close();
  }
}
