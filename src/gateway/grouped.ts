import { setTimeout as sleep } from 'node:timers/promises';
import { within } from './within';

/** Thrown where a write did not end in time, or too much waits for its turn already. */
export class NotWritten extends Error {
  override readonly name = 'NotWritten';
}

/**
 * Milliseconds that a group is waited for. Node.js accepts one connection in each turn of its event loop: a write in each turn would
 * hold up the connections of a burst.
 */
const GATHERING = 5;

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets what comes while one write is under way be written together, by the next one: many share one commit, and a flood takes
 * one connection. At most `limit` items wait; a write that takes longer than `deadline` milliseconds is given up, so that
 * the next is tried on another connection.
 *
 * @returns writes one item; rejects unless it is known to be written
 */
export function grouped<Item>(
  write: (items: readonly Item[]) => Promise<void>,
  { limit, deadline }: { readonly limit: number; readonly deadline: number },
): (item: Item) => Promise<void> {
  let waiting: Waiting<Item>[] = [];
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
    while (waiting.length > 0) {
      await sleep(GATHERING);
      const group = waiting;
      waiting = [];
      const error = await problemOf(write(group.map(({ item }) => item)));
      for (const { resolve, reject } of group) {
        if (error === undefined) resolve();
        else reject(error);
      }
    }
    isWriting = false;
  }

  async function problemOf(written: Promise<void>): Promise<unknown> {
    const outcome = written.then(
      () => ({ error: undefined }),
      (error: unknown) => ({ error }),
    );
    return ((await within(deadline, outcome)) ?? { error: new NotWritten() }).error;
  }
}
