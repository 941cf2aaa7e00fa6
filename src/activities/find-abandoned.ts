import type { AbandonedArchive } from '../domain/expiry';
import type { ArchiveKey } from '../domain/ids';
import { abandonedIn } from './abandoned-archive';
import type { Dependencies } from './dependencies';

/** Looks up in the ledger what was abandoned, and when. */
export function createFindAbandoned({ ledger }: Dependencies) {
  return async function findAbandoned(key: ArchiveKey): Promise<AbandonedArchive> {
    return abandonedIn(await ledger.find(key), key);
  };
}
