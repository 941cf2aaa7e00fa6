import { patched, sleep } from '@temporalio/workflow';
import type {
  ArchiveFacts,
  AvailabilityOutcome,
  AvailabilityTerms,
  ClaimResult,
  SecuredArchive,
} from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import type { ClaimStatus } from './claim-status';
import { isPassing, pauseAskedBy } from './failure-type';
import { FreshStarts } from './fresh-starts';
import type { Holding } from './holding';
import { ONCE, step, URGENTLY, type Variation } from './policy';
import type { Wakeable } from './wakeable';

/** A copy of fewer bytes is read back in less than a second. */
const BRIEFLY_READ = 64 * 1024 * 1024;

/** One claim's way through its states, from the record to the abandon. */
export class Attempt {
  constructor(
    private readonly key: ArchiveKey,
    private readonly status: ClaimStatus,
    private readonly waiting: Wakeable,
    private readonly holding: Holding,
    /** What a person has accepted by the time that the record is asked for. */
    private readonly terms: AvailabilityTerms,
  ) {}

  /** Where a copy is not right, or the record is no longer what it was, it goes back to the record. */
  async run(mayAbandon: boolean): Promise<ClaimResult> {
    const starts = new FreshStarts();
    let found = await this.becomeAvailable();
    for (;;) {
      if (found.outcome === 'done')
        return this.over(found.closed === true ? 'closed' : 'abandoned', found.secured, true);
      try {
        return await this.claim(found.facts, found.hurry, mayAbandon);
      } catch (error) {
        starts.take(error);
        // Claims that began before did not look at the record again for each copy.
        if (patched('fresh-record-for-each-copy')) found = await this.becomeAvailable();
      }
    }
  }

  private async becomeAvailable(): Promise<AvailabilityOutcome> {
    this.status.enter('waiting');
    const { awaitAvailable } = step('awaitAvailable', 'Ask for the record until the archive is available');
    return await this.waiting.wait(() => awaitAvailable(this.key, this.terms));
  }

  private async claim(facts: ArchiveFacts, hurry: boolean, mayAbandon: boolean): Promise<ClaimResult> {
    const secured = await this.secure(facts, hurry);
    this.status.enterBriefly('secured', { sizeBytes: secured.sizeBytes });
    if (!mayAbandon) {
      this.status.publish();
      return { ...secured, state: 'secured', alreadyDone: false };
    }
    await this.abandon(secured);
    return this.over('abandoned', secured, false);
  }

  /** The first try mostly succeeds. Where it does not, or somebody holds the archive, `secured` lasts, and that is shown. */
  private async abandon(secured: SecuredArchive): Promise<void> {
    if (this.holding.held === undefined && (await this.tryAbandon(secured, ONCE))) return;
    this.status.publish();
    while (!(await this.tryAbandon(secured)));
  }

  /** @returns `false` where it is worth another try */
  private async tryAbandon(secured: SecuredArchive, variation: Variation = {}): Promise<boolean> {
    const { abandonArchive } = step(
      'abandonArchive',
      'Tell the platform that it may delete its file',
      variation,
    );
    try {
      return await this.holding.unlessHeld(() => abandonArchive(this.key, secured));
    } catch (error) {
      // A step that is tried without end ends early where the key is refused for long, or a hold cuts it short.
      const isFirst = variation === ONCE;
      if (!isPassing(error) || (!isFirst && this.holding.held === undefined)) throw error;
      const pause = pauseAskedBy(error);
      if (isFirst && pause > 0 && this.holding.held === undefined) await sleep(pause);
      return false;
    }
  }

  private async secure(facts: ArchiveFacts, hurry: boolean): Promise<SecuredArchive> {
    const pace = hurry ? URGENTLY : {};
    this.status.enter('downloading', { conferenceId: facts.conferenceId });
    const { downloadArchive } = step('downloadArchive', 'Bring the bytes into the store', pace);
    const copy = await downloadArchive(this.key, facts);

    this.status.enterBriefly('verifying', { sizeBytes: copy.sizeBytes });
    if (copy.sizeBytes >= BRIEFLY_READ) this.status.publish();
    const { verifyCopy } = step('verifyCopy', 'Read the copy back and compare it', pace);
    const verified = await verifyCopy(this.key, facts, copy);

    const { secureCopy } = step('secureCopy', 'Seal the bag and record it');
    return await secureCopy(this.key, facts, verified);
  }

  private over(state: 'abandoned' | 'closed', secured: SecuredArchive, alreadyDone: boolean): ClaimResult {
    this.status.enter(state, { conferenceId: secured.conferenceId, sizeBytes: secured.sizeBytes });
    return { ...secured, state, alreadyDone };
  }
}
