import { sleep } from '@temporalio/workflow';

/** The end of a claim's time. It only ever moves later. */
export class Deadline {
  #at: number;

  /** @param onMove hears of every move */
  constructor(
    at: number,
    private readonly onMove: (at: number) => void,
  ) {
    this.#at = at;
  }

  /** Milliseconds since 1970. */
  get at(): number {
    return this.#at;
  }

  get hasPassed(): boolean {
    return Date.now() >= this.#at;
  }

  /** Moves it to `at`, unless it is later already. */
  move(at: number): void {
    if (at <= this.#at) return;
    this.#at = at;
    this.onMove(at);
  }

  /**
   * Resolves when it has come: by a durable timer, which is set again if the deadline has moved meanwhile. The timer is never
   * cancelled: it ends with its workflow, which costs no event.
   */
  async passed(): Promise<void> {
    while (!this.hasPassed) await sleep(this.#at - Date.now(), { summary: 'Deadline of the claim' });
  }
}
