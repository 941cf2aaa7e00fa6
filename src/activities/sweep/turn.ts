import { cancellationSignal, heartbeat } from '@temporalio/activity';
import pLimit from 'p-limit';
import type { ArchiveKey } from '../../domain/ids';
import { NOTHING_SWEPT, type SweepBatch } from '../../domain/sweep';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 1_000;

/** One batch of a sweep: how long its parts may last, and what it has done so far. */
export class Turn {
  readonly counts = { ...NOTHING_SWEPT };
  readonly damaged: ArchiveKey[] = [];
  readonly signal = cancellationSignal();
  #end = 0;
  #reported = 0;

  /** Begins a part, which begins no further item after `lastsMs`, so that no part starves the others. */
  begin(lastsMs: number): void {
    this.#end = performance.now() + lastsMs;
  }

  /** Whether the part must leave the rest to another batch. @throws if the activity was cancelled */
  get isOver(): boolean {
    this.signal.throwIfAborted();
    return performance.now() >= this.#end;
  }

  /**
   * Sends a heartbeat. It is called when something was done, not by a clock: a sweep that hangs in the store sends no
   * heartbeat, and Temporal retries it on another worker.
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

/** What is due in the ledger, and how it is processed. */
interface Due<Item> {
  /** The items that are due, at most `limit` of them. */
  readonly take: (limit: number) => Promise<readonly Item[]>;
  readonly idOf: (item: Item) => string;
  /** Items that are processed concurrently. */
  readonly lanes: number;
  /** Whether the rest is left to another batch before the turn is over. */
  readonly isToStop?: () => boolean;
}

/** Items that one query asks the ledger for. */
const PAGE = 200;

/**
 * Runs `work` for every item that is due, page by page. An item for which it returns `unclear` stays due, and does not block the
 * others. Nor does one that fails, but after as many failures as lanes no further item is begun.
 *
 * @returns whether more is due
 * @throws the first failure, after all items that were begun have ended
 */
export async function workOff<Item>(
  turn: Turn,
  { take, idOf, lanes, isToStop = () => false }: Due<Item>,
  work: (item: Item) => Promise<'done' | 'unclear'>,
): Promise<boolean> {
  const limit = pLimit(lanes);
  const unclear = new Set<string>();
  const failures: unknown[] = [];
  const run = async (item: Item): Promise<void> => {
    if (failures.length >= lanes || turn.isOver || isToStop()) return;
    if ((await work(item)) === 'unclear') unclear.add(idOf(item));
  };
  for (;;) {
    const fresh = (await take(PAGE + unclear.size)).filter((item) => !unclear.has(idOf(item)));
    if (fresh.length === 0) return false;
    await Promise.all(fresh.map((item) => limit(run, item).catch((error: unknown) => failures.push(error))));
    if (failures.length > 0) throw failures[0];
    if (turn.isOver || isToStop()) return true;
  }
}
