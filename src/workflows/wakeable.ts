import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';

/** Waiting that can be cut short from outside. */
export class Wakeable {
  #waiting: CancellationScope | undefined;
  #wakes = 0;

  /** How often it was woken, so that a pause can tell what came before it began. */
  get wakes(): number {
    return this.#wakes;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Cuts short what is being waited for, if anything is. */
  wake(): void {
    this.#wakes += 1;
    this.#waiting?.cancel();
  }

  /** Waits for `wait`, which begins again at once after every `wake`. */
  async wait<Result>(wait: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const outcome = await this.cutShort(wait);
      if (!outcome.woken) return outcome.result;
    }
  }

  /** Waits for `duration` or until it is woken more than `wakes` times. */
  async pause(duration: Duration, wakes: number): Promise<void> {
    if (this.#wakes === wakes) await this.cutShort(() => sleep(duration));
  }

  /** Waits for `wait` or until `wake`, which cancels it. What `wait` ends with all the same counts. */
  async cutShort<Result>(
    wait: () => Promise<Result>,
  ): Promise<{ readonly woken: false; readonly result: Result } | { readonly woken: true }> {
    const outer = CancellationScope.current();
    const scope = new CancellationScope();
    this.#waiting = scope;
    try {
      return { woken: false, result: await scope.run(wait) };
    } catch (error) {
      if (isCancellation(error) && scope.consideredCancelled && !outer.consideredCancelled)
        return { woken: true };
      throw error;
    } finally {
      this.#waiting = undefined;
    }
  }
}
