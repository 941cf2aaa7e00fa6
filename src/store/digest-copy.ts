import { createHash } from 'node:crypto';
import { addAbortSignal, type Readable } from 'node:stream';
import type { CopyReader } from './archive-store';

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
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of chunksOf(reader, signal)) {
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

function chunksOf(reader: CopyReader, signal: AbortSignal | undefined): AsyncIterable<Buffer> {
  const stream: Readable = reader.stream();
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}
