import { setHandler } from '@temporalio/workflow';
import type { WatchInput, WatchResult } from '../domain/expiry';
import { onItsOwn } from './failure-type';
import { recheck } from './messages';
import { step } from './policy';
import { Wakeable } from './wakeable';
import { StoredCopy } from './watch-expiry-copy';
import { checkedWatch } from './watch-expiry-input';
import { Rest } from './watch-expiry-rest';
import { WatchStatus } from './watch-expiry-status';
import { Vigil } from './watch-expiry-vigil';

/**
 * Watches over an abandoned archive until the platform has deleted its file. Shortly before, the stored copy is verified
 * again, and downloaded again where it is damaged. Afterwards the platform's EXPIRED is waited for, the copy is verified once
 * more, since it is the only one now, and the ledger's row is closed.
 *
 * @throws ApplicationFailure of type `InvalidInput` or `NotAbandoned`; whatever else is wrong, it goes on
 */
export async function watchExpiry(input: WatchInput): Promise<WatchResult> {
  const { key, expiry } = checkedWatch(input);
  const waiting = new Wakeable();
  setHandler(recheck, () => waiting.wake());
  const status = new WatchStatus(key);
  const rest = new Rest(input, waiting);
  try {
    const { findAbandoned } = step('findAbandoned', 'Look up what was abandoned, and when');
    const archive = await findAbandoned(key);
    const copy = new StoredCopy(key, archive, status, rest);
    const closed = await new Vigil(key, archive, status, rest, copy).run(expiry);
    status.close();
    return { ...closed, state: 'closed' };
  } catch (error) {
    throw onItsOwn(error);
  }
}
