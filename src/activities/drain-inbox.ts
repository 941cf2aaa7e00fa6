import { isStarted } from '../domain/start-outcome';
import { gainsFromNews } from '../domain/states';
import type { InboxEntry } from '../ledger/inbox';
import type { StartClaims } from './claim-starts';
import type { Dependencies } from './dependencies';

/** Notifications that are taken at a time; milliseconds for which nobody else gets them, longer than their starts take. */
const BATCH = 100;
const LEASE = 120_000;
/** Milliseconds after which what could not be started is due again. */
const PAUSE = 10_000;

/**
 * Starts the claims of the notifications in the ledger's inbox, as the gateways do while they run: each takes its own.
 * @returns how many are known to be started now
 */
export async function drainInbox(
  { ledger, claims }: Pick<Dependencies, 'ledger' | 'claims'>,
  startClaims: StartClaims,
): Promise<number> {
  let drained = 0;
  for (;;) {
    const entries = await ledger.takeFromInbox({ limit: BATCH, leaseMs: LEASE });
    if (entries.length === 0) return drained;
    const outcomes = await startClaims(entries);
    const [begun, left] = divided(entries, (entry) => isStarted(outcomes.get(entry) ?? 'silent'));
    for (const entry of begun) if (outcomes.get(entry) === 'duplicate') await wake(entry);
    if (begun.length > 0) await ledger.removeFromInbox(begun);
    drained += begun.length;
    if (left.length === 0) continue;
    await ledger.returnToInbox(left.map((entry) => ({ ...entry, dueInMs: PAUSE })));
    return drained;
  }

  async function wake({ tenant, archiveId }: InboxEntry): Promise<void> {
    const key = { tenant, archiveId };
    if (gainsFromNews((await ledger.find(key))?.state)) await claims.wake(key);
  }
}

function divided<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
