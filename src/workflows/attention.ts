import { ActivityFailure } from '@temporalio/workflow';
import { handlingOf, type FailureType } from '../domain/failures';
import type { Handling } from '../domain/handling';
import type { ArchiveKey } from '../domain/ids';
import type { ClaimStatus } from './claim-status';
import { failureTypeOf } from './failure-type';
import { step } from './policy';
import type { Wakeable } from './wakeable';

/** How long a claim that needs a person waits before it tries by itself. */
const PAUSE = '6 hours';

/** What needs a person at once, and what does once trying again has not helped. */
const A_PERSONS_BUSINESS: readonly Handling[] = [
  'attention',
  'downloadAgain',
  'startOver',
  'retryThenAttention',
];

/** Asks a person to look, and meanwhile waits for what may heal the claim. */
export class Attention {
  /** The step that the platform refused last, though it had given the record before. */
  #refused: string | undefined;

  constructor(
    private readonly key: ArchiveKey,
    private readonly status: ClaimStatus,
    private readonly waiting: Wakeable,
  ) {}

  /** Resolves when it is time to try again. @throws `error` itself where no person can help */
  async ask(error: unknown): Promise<void> {
    const type = failureTypeOf(error);
    if (type === undefined || !A_PERSONS_BUSINESS.includes(handlingOf(type))) throw error;
    const { wakes } = this.waiting;
    await this.show(type);
    if (this.isTheKey(type, error)) await this.untilAdmitted();
    else await this.waiting.pause(PAUSE, wakes);
  }

  private async show(type: FailureType): Promise<void> {
    this.status.enter('attention', { attention: type });
    const { recordOutcome } = step('recordOutcome', `Needs a person: ${type}`);
    await recordOutcome(this.key, 'attention', type);
  }

  /**
   * Whether it is the API key that is refused. A step that is refused again after the record was given lacks a right of its own:
   * asking for the record proves nothing then, and would have the claim try again without end.
   */
  private isTheKey(type: FailureType, error: unknown): boolean {
    const before = this.#refused;
    this.#refused = undefined;
    if (type !== 'CredentialsRejected' || !(error instanceof ActivityFailure)) return false;
    if (error.activityType === 'awaitAvailable') return true;
    this.#refused = error.activityType;
    return error.activityType !== before;
  }

  private async untilAdmitted(): Promise<void> {
    const { awaitAdmission } = step('awaitAdmission', 'Ask for the record until the API key is taken');
    await this.waiting.wait(() => awaitAdmission(this.key));
  }
}
