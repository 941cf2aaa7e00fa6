import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import type { Fence, Ledger } from '../../src/ledger/ledger';
import { newConference, newKey, newTenant, readWholeList, secure } from './archives';

/** An archive that may be abandoned, and another one of its conference, too. */
export interface TwoSecured {
  readonly key: ArchiveKey;
  readonly sibling: ArchiveKey;
  readonly conferenceId: ConferenceId;
  /** Of the attempt that is about to abandon `key`. */
  readonly token: Fence;
}

export const SIBLING_RUN = 'run-of-sibling';

export async function twoSecured(ledger: Ledger): Promise<TwoSecured> {
  const key = newKey(newTenant());
  const sibling = newKey(key.tenant);
  const conferenceId = newConference();
  await secure(ledger, sibling, { conferenceId }, SIBLING_RUN);
  const token = await secure(ledger, key, { conferenceId }, 'run-1');
  await readWholeList(ledger, key, sibling);
  return { key, sibling, conferenceId, token };
}
