import { withTimeout } from '../claims/with-timeout';

/** Thrown if a write did not end in time, or if too many items wait for one already. */
export class NotWritten extends Error {
  override readonly name = 'NotWritten';
}

export interface BatchBounds {
  /** Items that may wait at a time; more are rejected. */
  readonly limit: number;
  /** Milliseconds that one write may take. */
  readonly timeoutMs: number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Batches writes: the next write takes all items that arrive during one. Many share one commit, and a flood takes one
 * connection. A write that takes too long is no longer awaited, so that it does not delay the next one.
 *
 * @param write returns one answer for each item, in their order
 * @returns a function that writes one item; it rejects unless the item is known to be written
 */
export function batchWrites<Item, Answer>(
  write: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { limit, timeoutMs }: BatchBounds,
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let isWriting = false;
  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= limit) {
        reject(new NotWritten());
        return;
      }
      waiting.push({ item, resolve, reject });
      if (!isWriting) void writeAll();
    });

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) await writeBatch(waiting.splice(0));
    isWriting = false;
  }

  async function writeBatch(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await withTimeout(timeoutMs, write(batch.map(({ item }) => item)));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers?.[index];
        if (answer === undefined) reject(new NotWritten());
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
