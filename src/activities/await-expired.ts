import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { availabilityOf, isDocumented } from '../domain/statuses';
import type { Dependencies } from './dependencies';

/**
 * Asks for the record until the platform says that it deleted its file, and writes that into the ledger. Asking again is the
 * retry of this activity. Only the status counts: the ledger keeps the record that was there when the copy was secured.
 */
export function createAwaitExpired({ platformOf, ledger }: Dependencies) {
  return async function awaitExpired(key: ArchiveKey): Promise<void> {
    const { status } = await platformOf(key.tenant).fetchRecord(key, cancellationSignal());
    const name = `Archive ${key.archiveId} of ${key.tenant}`;
    if (availabilityOf(status) === 'expired') {
      await ledger.expire(key);
      return;
    }
    await ledger.noteStatus(key, status);
    if (availabilityOf(status) === 'abandoned' || !isDocumented(status))
      throw new ArchivistError('NotYetExpired', `${name} has not expired on the platform yet.`);
    throw new ArchivistError('AbandonUndone', `${name} was abandoned, and the platform shows ${status}.`);
  };
}
