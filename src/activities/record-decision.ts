import type { ArchiveKey } from '../domain/ids';
import type { RecordedDecision } from '../domain/orders';
import { accountName } from './account-name';
import type { Dependencies } from './dependencies';

/** Writes into the ledger what a person decided about a claim. */
export function createRecordDecision({ ledger }: Dependencies) {
  return async function recordDecision(key: ArchiveKey, decision: RecordedDecision): Promise<void> {
    await ledger.noteDecision(key, { ...decision, by: accountName(decision.by) });
  };
}
