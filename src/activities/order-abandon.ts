import { ArchivistError } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { accountName } from './account-name';
import type { Dependencies } from './dependencies';

/**
 * Writes into the ledger who wants a secured archive abandoned although copy-only mode is on. It is what `abandonArchive` goes
 * by then; every other guard stays.
 */
export function createOrderAbandon({ ledger }: Dependencies) {
  return async function orderAbandon(key: ArchiveKey, by: string): Promise<void> {
    await ledger.orderAbandon(key, accountName(by));
    const entry = await ledger.find(key);
    if (entry?.securedAt !== undefined) return;
    throw new ArchivistError(
      'NotSecured',
      `Archive ${key.archiveId} of ${key.tenant} is not secured: there is nothing yet that could be abandoned.`,
    );
  };
}
