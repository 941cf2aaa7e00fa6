import type { ArchiveKey } from '../domain/ids';
import { countCopies } from './copy-metrics';
import type { Dependencies } from './dependencies';

/** Writes into the ledger, and counts, that a damaged copy was replaced by one with the same SHA-256. */
export function createRecordRepair({ ledger }: Dependencies) {
  return async function recordRepair(key: ArchiveKey): Promise<void> {
    if (await ledger.noteRepair(key)) countCopies(key.tenant, { archivist_copies_repaired: 1 });
  };
}
