import type {
  ArchiveFacts,
  AvailabilityOutcome,
  ClaimPolicy,
  ClaimResult,
  SecuredArchive,
} from '../domain/claim';
import { handlingOf } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { ClaimStatus } from './claim-status';
import { failureTypeOf, isPassing } from './failure-type';
import { ONCE, step, URGENTLY } from './policy';
import type { Wakeable } from './wakeable';

/** Copies that are thrown away and downloaded afresh before a person is asked. */
const FRESH_COPIES = 3;

/** A copy of fewer bytes is read back in less than a second. */
const BRIEFLY_READ = 64 * 1024 * 1024;

/** One claim's way through its states, from the record to the abandon. */
export class Attempt {
  constructor(
    private readonly key: ArchiveKey,
    private readonly policy: ClaimPolicy,
    private readonly status: ClaimStatus,
    private readonly waiting: Wakeable,
  ) {}

  async run(): Promise<ClaimResult> {
    const found = await this.becomeAvailable();
    if (found.outcome === 'done') return this.abandoned(found.secured, true);
    for (let copies = 1; ; copies += 1) {
      try {
        return await this.claim(found.facts, found.hurry);
      } catch (error) {
        const type = failureTypeOf(error);
        if (type === undefined || handlingOf(type) !== 'downloadAgain' || copies === FRESH_COPIES)
          throw error;
      }
    }
  }

  private async becomeAvailable(): Promise<AvailabilityOutcome> {
    this.status.enter('waiting');
    const { awaitAvailable } = step('awaitAvailable', 'Ask for the record until the archive is available');
    return await this.waiting.wait(() => awaitAvailable(this.key));
  }

  private async claim(facts: ArchiveFacts, hurry: boolean): Promise<ClaimResult> {
    const secured = await this.secure(facts, hurry);
    this.status.enterBriefly('secured', { sizeBytes: secured.sizeBytes });
    if (!this.policy.abandon) {
      this.status.publish();
      return { ...secured, state: 'secured', alreadyDone: false };
    }
    await this.abandon(secured);
    return this.abandoned(secured, false);
  }

  /** The first try mostly succeeds. Where it does not, the claim is `secured` for a while, and that is shown. */
  private async abandon(secured: SecuredArchive): Promise<void> {
    const summary = 'Tell the platform that it may delete its file';
    try {
      await step('abandonArchive', summary, ONCE).abandonArchive(this.key, secured);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.status.publish();
      await step('abandonArchive', summary).abandonArchive(this.key, secured);
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

  private abandoned(secured: SecuredArchive, alreadyDone: boolean): ClaimResult {
    this.status.enter('abandoned', { conferenceId: secured.conferenceId, sizeBytes: secured.sizeBytes });
    return { ...secured, state: 'abandoned', alreadyDone };
  }
}
