import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { FailureType } from '../domain/failures';
import type { Deadline } from './deadline';

/** What may end a claim's work from outside. */
export type CutOffReason = Extract<FailureType, 'DeadlineExceeded' | 'GivenUp'>;

/** Thrown inside a workflow when its work was cut off. */
export class CutOff extends Error {
  override readonly name = 'CutOff';

  constructor(readonly reason: CutOffReason) {
    super(reason);
  }
}

/** A claim's work, which its deadline or a person may cut off. */
export class Work {
  readonly #scope = new CancellationScope();
  #cutOff: CutOffReason | undefined;
  #state: 'going on' | 'done' | 'failed' = 'going on';

  /** Whether nothing can be told to it any more. */
  get isEnding(): boolean {
    return this.#cutOff !== undefined || this.hasEnded;
  }

  get hasEnded(): boolean {
    return this.#state !== 'going on';
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Cancels what is in flight. What finishes all the same counts. */
  cutOff(reason: CutOffReason): void {
    this.#cutOff ??= reason;
    this.#scope.cancel();
  }

  /**
   * Runs `work` until it has ended, or `deadline` has passed, or it is cut off. A cancellation from outside passes through as
   * itself.
   * @throws {@link CutOff}
   */
  async run<Result>(deadline: Deadline, work: () => Promise<Result>): Promise<Result> {
    const watch = new CancellationScope();
    const alarm = watch.run(() => deadline.passed().then(() => this.cutOff('DeadlineExceeded')));
    alarm.catch(() => undefined);
    try {
      const result = await this.#scope.run(work);
      this.#state = 'done';
      return result;
    } catch (error) {
      this.#state = 'failed';
      if (this.#cutOff !== undefined && isCancellation(error)) throw new CutOff(this.#cutOff);
      throw error;
    } finally {
      watch.cancel();
    }
  }
}
