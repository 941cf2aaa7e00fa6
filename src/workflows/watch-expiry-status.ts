import {
  CancellationScope,
  defineQuery,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { PROGRESS } from '../domain/claim';
import type { AbandonedArchive, WatchPhase, WatchProgress } from '../domain/expiry';
import type { FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import { step } from './policy';
import { detailsOf } from './watch-expiry-details';

/** What stays true of a watch, once it is known. */
type Lasting = Omit<WatchProgress, 'state' | 'phase' | 'since' | 'attention' | 'cause'>;

/** Why a person should look, and the failure behind that, where it is another one. */
type Trouble = Required<Pick<WatchProgress, 'attention'>> & Pick<WatchProgress, 'cause'>;

/** What a watch shows of itself: the query `progress`, the search attributes, the details, and attention in the ledger. */
export class WatchStatus {
  #lasting: Lasting;
  #phase: WatchPhase = 'waiting';
  #since = new Date().toISOString();
  #trouble: Trouble | undefined;

  constructor(private readonly key: ArchiveKey) {
    this.#lasting = key;
    setHandler(defineQuery<WatchProgress>(PROGRESS), () => this.progress);
  }

  get progress(): WatchProgress {
    return {
      ...this.#lasting,
      ...this.#trouble,
      state: this.#phase === 'closed' ? 'closed' : this.#trouble ? 'attention' : 'abandoned',
      phase: this.#phase,
      since: this.#since,
    };
  }

  get attention(): FailureType | undefined {
    return this.#trouble?.attention;
  }

  /** What is watched, and when what is due. */
  begin({ conferenceId }: AbandonedArchive, recheckAt: Date, expiresAt: Date): void {
    this.#lasting = {
      ...this.key,
      conferenceId,
      recheckAt: recheckAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
    upsertSearchAttributes(searchAttributesOf({ ...this.key, conferenceId, state: 'abandoned' }));
    this.enter('waiting');
  }

  enter(phase: WatchPhase): void {
    this.#phase = phase;
    this.#since = new Date().toISOString();
    setCurrentDetails(detailsOf(this.progress));
  }

  /** Shows, here and in the ledger, that a person should look. */
  async needPerson(attention: FailureType, cause?: FailureType): Promise<void> {
    const before = this.#trouble;
    this.#trouble = { attention, ...(cause !== undefined && { cause }) };
    setCurrentDetails(detailsOf(this.progress));
    if (attention === before?.attention) return;
    if (before === undefined) this.#publish();
    await this.#record('attention', attention);
  }

  /** Takes back what a person was asked for, if anything. */
  async settle(): Promise<void> {
    const { attention } = this;
    if (attention === undefined) return;
    this.#trouble = undefined;
    setCurrentDetails(detailsOf(this.progress));
    this.#publish();
    await this.#record('settled', attention);
  }

  close(): void {
    this.#trouble = undefined;
    this.enter('closed');
    this.#publish();
  }

  #publish(): void {
    upsertSearchAttributes(searchAttributesOf({ state: this.progress.state }));
  }

  /** To its end, though a signal cuts short what it is done for. */
  async #record(outcome: 'attention' | 'settled', reason: FailureType): Promise<void> {
    const summary = outcome === 'attention' ? `Needs a person: ${reason}` : `Settled: ${reason}`;
    const { recordOutcome } = step('recordOutcome', summary);
    await CancellationScope.nonCancellable(() => recordOutcome(this.key, outcome, reason));
  }
}
