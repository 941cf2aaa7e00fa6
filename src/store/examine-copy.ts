import { createHash } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import { unless } from '../domain/error-code';
import type { ArchiveKey } from '../domain/ids';
import type { CopyVerdict } from '../domain/sweep';
import { SEALED, type ArchiveStore, type CopyReader } from './archive-store';

/** What a copy turned out to be when it was read back. */
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
 * Reads a copy back from the store, all of it, and takes its SHA-256: the fixity check on which everything rests.
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

/** What a look at a stored copy showed. */
export interface Examination {
  readonly verdict: CopyVerdict;
  /** What was read; absent if there was nothing that could be read. */
  readonly found?: CopyDigest;
}

/**
 * Reads a sealed copy back from the store, whole, and compares it with what was secured: its SHA-256 and size, and those that the
 * bag's own manifest names. Changes nothing. A copy that seems damaged is read a second time, as what reads it may be at fault. One
 * that has an unreadable part is damaged, and one in whose place another archive's bag stands is missing.
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
      // A part of it cannot be read, though the store is the one that it should be.
      await store.check();
      return { verdict: 'damaged' };
    }
    // Whose bag it is was seen when it was opened: a conflict now is a bag that lacks a part of its own.
    const bag = await unless(['StoreConflict'], store.findSealed(key));
    const isWhole = [found, bag].every(
      (copy) => copy?.sha256 === secured.sha256 && copy.sizeBytes === secured.sizeBytes,
    );
    return { verdict: isWhole ? 'whole' : 'damaged', found };
  } finally {
    await reader.close();
  }
}
