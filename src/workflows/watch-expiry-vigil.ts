import { sleep } from '@temporalio/workflow';
import type { ExpiryPolicy } from '../domain/claim';
import type { AbandonedArchive, ClosedArchive, WatchPhase } from '../domain/expiry';
import type { FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { persistently, troubleIn } from './persistently';
import { FOR_A_WEEK, SLOWLY, step } from './policy';
import type { StoredCopy } from './watch-expiry-copy';
import type { Rest } from './watch-expiry-rest';
import type { WatchStatus } from './watch-expiry-status';

/** One archive's way from the abandon to the proof that the platform deleted its file. */
export class Vigil {
  constructor(
    private readonly key: ArchiveKey,
    private readonly archive: AbandonedArchive,
    private readonly status: WatchStatus,
    private readonly rest: Rest,
    private readonly copy: StoredCopy,
  ) {}

  async run({ recheckMs, periodMs }: ExpiryPolicy): Promise<ClosedArchive> {
    const [recheckAt, expiresAt] = [this.after(recheckMs), this.after(periodMs)];
    this.status.begin(this.archive, recheckAt, expiresAt);
    if (this.archive.state === 'abandoned') {
      await this.sleepUntil(recheckAt);
      await this.copy.prove();
      await this.sleepUntil(expiresAt);
      await this.proveDeletion();
    }
    for (;;) {
      const { closeArchive } = step('closeArchive', "Close the ledger's row with the evidence");
      const closed = await closeArchive(this.key);
      if (closed !== undefined) return closed;
      // Somebody else looked at the copy meanwhile, and it was not right.
      await this.proveDeletion();
    }
  }

  private after(ms: number): Date {
    return new Date(Date.parse(this.archive.abandonedAt) + ms);
  }

  private async sleepUntil(time: Date): Promise<void> {
    await this.during('waiting', async () => {
      const ms = time.getTime() - Date.now();
      if (ms > 0) await sleep(ms);
    });
  }

  /** The last word is the copy's: it is the only one when the platform's is gone. */
  private async proveDeletion(): Promise<void> {
    await this.awaitDeletion();
    await this.copy.prove();
  }

  private async awaitDeletion(): Promise<void> {
    for (;;) {
      try {
        await this.during('asking', () => this.ask());
        await this.status.settle();
        return;
      } catch (error) {
        await this.tell(troubleIn(error));
      }
      await this.rest.take();
    }
  }

  private async ask(): Promise<void> {
    await persistently(
      (pace) => step('awaitExpired', 'Ask for the record until it says EXPIRED', pace).awaitExpired(this.key),
      { first: FOR_A_WEEK, then: SLOWLY },
      (reason) => this.tell(reason),
    );
  }

  private async tell(reason: FailureType): Promise<void> {
    await this.status.needPerson(reason === 'NotYetExpired' ? 'ExpiryUnconfirmed' : reason);
  }

  /** Waits; the signal `recheck` has the copy verified at once, and then it is waited on. */
  private async during(phase: WatchPhase, wait: () => Promise<void>): Promise<void> {
    await this.rest.during(
      () => {
        this.status.enter(phase);
        return wait();
      },
      () => this.copy.prove(),
    );
  }
}
