import type { FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { Dependencies } from './dependencies';

/**
 * Writes into the ledger why a claim, or the watch after it, left its path: it needs a person, what a person was asked for is
 * settled, it missed the archive, or it ended without.
 */
export function createRecordOutcome({ ledger }: Dependencies) {
  return async function recordOutcome(
    key: ArchiveKey,
    state: 'attention' | 'settled' | 'failed' | 'missed',
    reason: FailureType,
  ): Promise<void> {
    switch (state) {
      case 'attention':
        await ledger.needAttention(key, reason);
        return;
      case 'settled':
        await ledger.settle(key, reason);
        return;
      case 'failed':
        await ledger.fail(key, reason);
        return;
      case 'missed':
        await ledger.miss(key);
        return;
    }
  };
}
