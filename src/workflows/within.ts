import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** Thrown inside a workflow when work was cut off because its time was over. */
export class TimeIsOver extends Error {
  override readonly name = 'TimeIsOver';
}

/**
 * Runs `work` for at most `limitMs`, by a durable timer. When it fires, what is in flight is cancelled, and what finishes all
 * the same counts. A cancellation from outside passes through as itself.
 * @throws {@link TimeIsOver} where the time was over first
 */
export async function within<Result>(limitMs: number, work: () => Promise<Result>): Promise<Result> {
  const working = new CancellationScope();
  const timer = new CancellationScope();
  let over = false as boolean;
  const alarm = timer.run(async () => {
    await sleep(limitMs);
    over = true;
    working.cancel();
  });
  alarm.catch(() => undefined);
  try {
    return await working.run(work);
  } catch (error) {
    if (over && isCancellation(error)) throw new TimeIsOver();
    throw error;
  } finally {
    timer.cancel();
  }
}
