import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { ClaimProgress } from '../domain/claim';
import type { ArchiveKey } from '../domain/ids';
import { searchAttributesOf, type ClaimAttributes } from '../domain/search-attributes';
import type { ClaimState } from '../domain/states';
import { detailsOf } from './claim-details';
import { progress } from './messages';

/** What stays true of a claim from state to state, once it is known. */
type Lasting = Pick<ClaimProgress, 'tenant' | 'archiveId' | 'deadline' | 'conferenceId' | 'sizeBytes'>;

/** What a claim shows of itself: the query `progress`, the search attributes and the details in the Temporal UI. */
export class ClaimStatus {
  #lasting: Lasting;
  #progress: ClaimProgress;
  /** Goes with the first state, for claims that were started by hand without search attributes. */
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

  /** Moves to `state`. One search attribute update a state, so that the history grows with the way, not with the waiting. */
  enter(
    state: ClaimState,
    known: Partial<Pick<ClaimProgress, 'conferenceId' | 'sizeBytes' | 'attention'>> = {},
  ): void {
    const { attention, ...lasting } = known;
    const { conferenceId } = lasting;
    upsertSearchAttributes(
      searchAttributesOf({ ...this.#unsaid, state, ...(conferenceId !== undefined && { conferenceId }) }),
    );
    this.#unsaid = {};
    this.#lasting = { ...this.#lasting, ...lasting };
    this.#progress = {
      ...this.#lasting,
      ...(attention !== undefined && { attention }),
      state,
      since: new Date().toISOString(),
    };
    setCurrentDetails(detailsOf(this.#progress));
  }
}
