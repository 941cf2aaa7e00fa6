import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { ArchiveKey } from '../../domain/ids';
import type { SweepBatch } from '../../domain/sweep';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 1_000;

/** One batch of a sweep: how long its parts may last, and what it has done so far. */
export class Turn {
  readonly counts = { rechecked: 0, whole: 0, expired: 0, closed: 0, settled: 0, queued: 0 };
  readonly damaged: ArchiveKey[] = [];
  readonly signal = cancellationSignal();
  #end = 0;
  #reported = 0;

  /** Begins a part, which takes up nothing more after `lastsMs`: no part keeps the others from their work. */
  begin(lastsMs: number): void {
    this.#end = performance.now() + lastsMs;
  }

  /** Whether the rest of the part is another batch's. @throws if the activity was cancelled */
  get isOver(): boolean {
    this.signal.throwIfAborted();
    return performance.now() >= this.#end;
  }

  /**
   * Shows that the sweep goes on. It is called when something was done, not by a clock: a sweep that hangs in the store has no
   * heartbeat, and Temporal gives it to another worker.
   */
  beat(): void {
    if (performance.now() - this.#reported < HEARTBEAT_MS) return;
    this.#reported = performance.now();
    heartbeat(this.counts);
  }

  batch(more: boolean): SweepBatch {
    return { ...this.counts, damaged: this.damaged, more };
  }
}

/** Does `work` for each item, for `lanes` of them at a time, and ends when all that was begun has ended. @throws what the first failed with */
export async function inParallel<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const run = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, run));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
