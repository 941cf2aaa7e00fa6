import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError, isRetryable } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { Dependencies } from './dependencies';

/**
 * Waits until the platform takes the API key: asks for the archive's record until it is given. Asking again is the retry of
 * this activity, so that a key that is refused for days leaves no trace in the history.
 */
export function createAwaitAdmission({ platformOf }: Dependencies) {
  return async function awaitAdmission(key: ArchiveKey): Promise<void> {
    try {
      await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    } catch (error) {
      if (!(error instanceof ArchivistError)) throw error;
      if (isRetryable(error.type) && error.type !== 'ArchiveNotFound') throw error;
      // The key was taken. What else is wrong is for the claim's next try to find.
    }
  };
}
