import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { ClaimProgress } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import type { Hold } from '../domain/orders';
import { searchAttributesOf, type ClaimAttributes } from '../domain/search-attributes';
import type { ClaimState } from '../domain/states';
import { detailsOf } from './claim-details';
import { progress } from './messages';

/** What stays true of a claim from state to state, once it is known. */
type Lasting = Omit<ClaimProgress, 'state' | 'since' | 'attention' | 'held'>;

/** What is true of a claim while it is in one state. */
type Current = Pick<ClaimProgress, 'state' | 'since' | 'attention'>;

/** What is learned of a claim on entering a state. */
type Known = Partial<Pick<ClaimProgress, 'conferenceId' | 'sizeBytes' | 'attention'>>;

/** What a claim shows of itself: the query `progress`, the search attributes and the details in the Temporal UI. */
export class ClaimStatus {
  #lasting: Lasting;
  #current: Current = { state: 'announced', since: new Date().toISOString() };
  #held: Hold | undefined;
  /** What the search attributes do not say yet: at first everything, for claims that were started by hand without. */
  #unsaid: ClaimAttributes;

  constructor(key: ArchiveKey) {
    this.#lasting = key;
    this.#unsaid = key;
    setHandler(progress, () => this.progress);
  }

  get progress(): ClaimProgress {
    return { ...this.#lasting, ...this.#current, ...(this.#held && { held: this.#held }) };
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
  enterBriefly(state: ClaimState, { attention, ...lasting }: Known = {}): void {
    const { conferenceId } = lasting;
    this.#unsaid = { ...this.#unsaid, state, ...(conferenceId !== undefined && { conferenceId }) };
    this.#lasting = { ...this.#lasting, ...lasting };
    this.#current = { state, since: new Date().toISOString(), ...(attention !== undefined && { attention }) };
    this.#show();
  }

  /** The search attributes have it with the next `publish`. */
  noteDeadline(deadline: Date): void {
    this.#unsaid = { ...this.#unsaid, deadline };
    this.#lasting = { ...this.#lasting, deadline: deadline.toISOString() };
    this.#show();
  }

  noteHold(held: Hold | undefined): void {
    this.#held = held;
    this.#show();
  }

  /** Brings the search attributes up to what was entered and noted. */
  publish(): void {
    const unsaid = searchAttributesOf(this.#unsaid);
    if (unsaid.length > 0) upsertSearchAttributes(unsaid);
    this.#unsaid = {};
  }

  #show(): void {
    setCurrentDetails(detailsOf(this.progress));
  }
}
