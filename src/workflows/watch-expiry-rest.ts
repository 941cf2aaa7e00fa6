import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { WatchInput, WatchResult } from '../domain/expiry';
import type { Wakeable } from './wakeable';

/** How long a watch that needs a person waits before it tries by itself. */
const PAUSE = '6 hours';

/** Events after which a watch that needs a person begins a new history. The ledger has all that it needs to know. */
const LONG_HISTORY = 2_000;

/** A watch's pauses, and the signal that ends them. */
export class Rest {
  #heard = 0;

  constructor(
    private readonly input: WatchInput,
    private readonly waiting: Wakeable,
  ) {}

  /** Whether the signal came since it was last obeyed. */
  get isOver(): boolean {
    return this.waiting.wakes !== this.#heard;
  }

  /** Obeys the signal: what is done from here on is done after it. */
  hear(): void {
    this.#heard = this.waiting.wakes;
  }

  /** Waits for a while, or until the signal. */
  async take(): Promise<void> {
    await this.waiting.pause(PAUSE, this.#heard);
    if (workflowInfo().historyLength > LONG_HISTORY)
      await continueAsNew<(input: WatchInput) => Promise<WatchResult>>(this.input);
  }

  /** Waits for `wait`, which begins again after every signal; `obey` is done before. */
  async during<Result>(wait: () => Promise<Result>, obey: () => Promise<void>): Promise<Result> {
    for (;;) {
      if (this.isOver) await obey();
      const outcome = await this.waiting.cutShort(wait);
      if (!outcome.woken) return outcome.result;
    }
  }
}
