import { handlingOf } from '../domain/failures';
import { failureTypeOf } from './failure-type';

/** Copies that are thrown away before a person is asked. */
const MOST_BAD_COPIES = 3;

/** Records that are not true any more by the time of the download, before a person is asked: one is normal. */
const MOST_STALE_RECORDS = 10;

/** Counts how often one attempt went back to the record, so that none does so without end. */
export class FreshStarts {
  #badCopies = 0;
  #staleRecords = 0;

  /** Takes what a try ended with. @throws `error` itself where another try is not the answer to it */
  take(error: unknown): void {
    const type = failureTypeOf(error);
    const handling = type && handlingOf(type);
    if (handling === 'downloadAgain' && ++this.#badCopies < MOST_BAD_COPIES) return;
    if (handling === 'startOver' && ++this.#staleRecords < MOST_STALE_RECORDS) return;
    throw error;
  }
}
