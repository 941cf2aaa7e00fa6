import { sleep } from '@temporalio/workflow';
import type { ClaimStatus } from './claim-status';
import type { Holding } from './holding';

/** The end of a claim's time. It only ever moves later, and does not come while the archive is held. */
export class Deadline {
  #at = 0;

  constructor(
    private readonly status: ClaimStatus,
    private readonly holding: Holding,
  ) {}

  /** Milliseconds since 1970. */
  get at(): number {
    return this.#at;
  }

  /** Where `ms` more would bring it, counted from now where it has passed. */
  after(ms: number): number {
    return Math.max(this.#at, Date.now()) + ms;
  }

  /** Moves it to `at`, unless it is later already. */
  move(at: number): void {
    if (at <= this.#at) return;
    this.#at = at;
    this.status.noteDeadline(new Date(at));
  }

  /** Resolves when it has come: by a durable timer, which is set again where the deadline has moved meanwhile. */
  async passed(): Promise<void> {
    do {
      await sleep(Math.max(this.#at - Date.now(), 1));
      await this.holding.released();
    } while (Date.now() < this.#at);
  }
}
