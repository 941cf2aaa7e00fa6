import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';

/** Waiting that can be cut short from outside. */
export class Wakeable {
  #waiting: CancellationScope | undefined;

  /** Cuts short what is being waited for. Does nothing while nothing waits. */
  wake(): void {
    this.#waiting?.cancel();
  }

  /** Waits for `wait`, which begins again at once after every `wake`. */
  async wait<Result>(wait: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const outcome = await this.#cutShort(wait);
      if (!outcome.woken) return outcome.result;
    }
  }

  /** Waits for `duration` or until `wake`. */
  async pause(duration: Duration): Promise<void> {
    await this.#cutShort(() => sleep(duration));
  }

  async #cutShort<Result>(
    wait: () => Promise<Result>,
  ): Promise<{ woken: false; result: Result } | { woken: true }> {
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
