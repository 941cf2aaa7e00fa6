import type { Readable } from 'node:stream';

/** So much goes to the disk with one call. */
const BATCH_BYTES = 1024 * 1024;
/** So many chunks are written with one call of the operating system. */
const BATCH_CHUNKS = 1024;
/** Milliseconds that a byte waits for others: a slow transfer shows that it lives, and keeps what it has. */
const LONGEST_WAIT = 1_000;

/** Gathers a stream's chunks, as they are: copying them together would cost more than all the rest of the receiving. */
export async function* batches(body: Readable): AsyncGenerator<readonly Buffer[]> {
  let batch: Buffer[] = [];
  let bytes = 0;
  let begun = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (batch.length === 0) begun = Date.now();
      batch.push(chunk);
      bytes += chunk.length;
      if (bytes < BATCH_BYTES && batch.length < BATCH_CHUNKS && Date.now() - begun < LONGEST_WAIT) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  } catch (error) {
    // What came before the stream broke is not asked for again.
    if (bytes > 0) yield batch;
    throw error;
  }
  if (bytes > 0) yield batch;
}

export function lengthOf(batch: readonly Buffer[]): number {
  return batch.reduce((sum, { length }) => sum + length, 0);
}

/** The first `length` bytes of a batch. */
export function headOf(batch: readonly Buffer[], length: number): readonly Buffer[] {
  let left = length;
  return batch.flatMap((chunk) => {
    const head = chunk.subarray(0, Math.max(left, 0));
    left -= chunk.length;
    return head.length === 0 ? [] : [head];
  });
}
