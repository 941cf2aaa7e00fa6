import type { ArchiveKey } from '../domain/ids';
import type { Hold } from '../domain/orders';
import { accountName } from './account-name';
import type { Dependencies } from './dependencies';
import { holdIn } from './hold-in';

/**
 * Writes into the ledger that the archive is held. From then on no abandon of it begins.
 * @returns the hold, which may be an earlier one; `undefined` where the archive is abandoned already
 */
export function createHoldArchive({ ledger }: Dependencies) {
  return async function holdArchive(key: ArchiveKey, by: string): Promise<Hold | undefined> {
    await ledger.hold(key, accountName(by));
    return holdIn(await ledger.find(key));
  };
}
