import { RandomAccessReader } from 'yauzl';
import type { CopyReader } from './archive-store';

const WINDOW_BYTES = 256 * 1024;

type Done = (error: Error | null, bytesRead?: number) => void;

/**
 * Lets yauzl read a copy, which asks for some dozen bytes at a time, through a window that moves over it: a read of the
 * store, which may be a request to S3, serves thousands of entries.
 */
export class ZipWindow extends RandomAccessReader {
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(
    private readonly reader: CopyReader,
    private readonly signal: AbortSignal | undefined,
    /** Takes what yauzl throws while it is given bytes, which would otherwise reach nobody. */
    private readonly onThrow: (error: unknown) => void,
  ) {
    super();
  }

  override read(target: Buffer, offset: number, length: number, position: number, done: Done): void {
    this.#bytesAt(position, length)
      .then(
        (bytes) => done(null, bytes.copy(target, offset)),
        (error: unknown) => done(error instanceof Error ? error : new Error('unreadable')),
      )
      .catch(this.onThrow);
  }

  async #bytesAt(position: number, length: number): Promise<Buffer> {
    this.signal?.throwIfAborted();
    if (position + length > this.reader.sizeBytes) return Buffer.alloc(0);
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#bytes.length) return this.#bytes.subarray(from, from + length);
    this.#bytes = await this.reader.readAt(position, Math.max(length, WINDOW_BYTES));
    this.#start = position;
    return this.#bytes.subarray(0, length);
  }
}
