import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { ClaimProgress } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import { searchAttributesOf, type ClaimAttributes } from '../domain/search-attributes';
import type { ClaimState } from '../domain/states';
import { detailsOf } from './claim-details';
import { progress } from './messages';

/** What stays true of a claim from state to state, once it is known. */
type Lasting = Pick<ClaimProgress, 'tenant' | 'archiveId' | 'deadline' | 'conferenceId' | 'sizeBytes'>;

/** What is learned of a claim on entering a state. */
type Known = Partial<Pick<ClaimProgress, 'conferenceId' | 'sizeBytes' | 'attention'>>;

/** What a claim shows of itself: the query `progress`, the search attributes and the details in the Temporal UI. */
export class ClaimStatus {
  #lasting: Lasting;
  #progress: ClaimProgress;
  /** What the search attributes do not say yet: at first everything, for claims that were started by hand without. */
  #unsaid: ClaimAttributes;

  constructor(key: ArchiveKey, deadline: Date) {
    this.#unsaid = { ...key, deadline };
    this.#lasting = { ...key, deadline: deadline.toISOString() };
    this.#progress = { ...this.#lasting, state: 'announced', since: new Date().toISOString() };
    setHandler(progress, () => this.#progress);
  }

  get state(): ClaimState {
    return this.#progress.state;
  }

  /** Moves to `state`, for everyone to see. */
  enter(state: ClaimState, known: Known = {}): void {
    this.enterBriefly(state, known);
    this.publish();
  }

  /**
   * Moves to a state that is over sooner than a search attribute would show it. Each of those costs an event and a write to
   * Temporal's visibility store; the query and the details show the state all the same.
   */
  enterBriefly(state: ClaimState, known: Known = {}): void {
    const { attention, ...lasting } = known;
    const { conferenceId } = lasting;
    this.#unsaid = { ...this.#unsaid, state, ...(conferenceId !== undefined && { conferenceId }) };
    this.#lasting = { ...this.#lasting, ...lasting };
    this.#progress = {
      ...this.#lasting,
      ...(attention !== undefined && { attention }),
      state,
      since: new Date().toISOString(),
    };
    setCurrentDetails(detailsOf(this.#progress));
  }

  /** Brings the search attributes up to what was entered. */
  publish(): void {
    upsertSearchAttributes(searchAttributesOf(this.#unsaid));
    this.#unsaid = {};
  }
}
