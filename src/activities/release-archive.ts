import type { ArchiveKey } from '../domain/ids';
import { accountName } from './account-name';
import type { Dependencies } from './dependencies';

/** Writes into the ledger that the archive is held no longer. */
export function createReleaseArchive({ ledger }: Dependencies) {
  return async function releaseArchive(key: ArchiveKey, by: string): Promise<void> {
    await ledger.release(key, accountName(by));
  };
}
