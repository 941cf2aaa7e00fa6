import { condition } from '@temporalio/workflow';
import type { Hold } from '../domain/orders';
import type { ClaimStatus } from './claim-status';
import { Wakeable } from './wakeable';

/** Whether a person holds the archive: nothing is abandoned meanwhile. The ledger has the hold, too, and outlives the claim. */
export class Holding {
  readonly #abandon = new Wakeable();
  #held: Hold | undefined;
  #abandoned = false;

  constructor(private readonly status: ClaimStatus) {}

  get held(): Hold | undefined {
    return this.#held;
  }

  /** Whether the platform was told to delete its file. */
  get isTooLate(): boolean {
    return this.#abandoned;
  }

  place(held: Hold | undefined): void {
    this.#held = held;
    this.status.noteHold(held);
  }

  /** Resolves when nobody holds the archive. Leaves no events, however long it takes. */
  async released(): Promise<void> {
    await condition(() => this.#held === undefined);
  }

  /**
   * Runs `abandon` as soon as nobody holds the archive.
   * @returns `false` where a hold cut it short
   */
  async unlessHeld(abandon: () => Promise<void>): Promise<boolean> {
    await this.released();
    const { woken } = await this.#abandon.cutShort(abandon);
    this.#abandoned = !woken;
    return !woken;
  }

  /** Cuts short an abandon that is under way, and resolves when it has ended, whatever it ended with. */
  async settled(): Promise<void> {
    this.#abandon.wake();
    await condition(() => !this.#abandon.isWaiting);
  }
}
