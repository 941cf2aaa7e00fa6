import type { Database } from './postgres';
import { runOn } from './run-statement';
import { abandons } from './sql/abandons';
import { archives } from './sql/archives';
import { claims } from './sql/claims';
import { hints } from './sql/hints';
import { lists } from './sql/lists';
import { orders } from './sql/orders';
import { queue } from './sql/queue';
import { subscriptions } from './sql/subscriptions';
import { sweep } from './sql/sweep';

export type { LedgerEntry } from './entry';
export type { ExpiryTerms, Fence, StepTaken } from './sql/claims';

/**
 * What is known of each archive, in PostgreSQL. A state only moves forward: each statement's WHERE clause names the states it
 * moves from, so that no order of calls, retries or processes can move a state back. Every change that took effect appends
 * one event to the archive's hash chain, in the same transaction.
 *
 * Every method throws `ArchivistError` of type `LedgerUnavailable`, without the text of the database's error.
 */
export type Ledger = ReturnType<typeof createLedger>;

/** The ledger in a database whose schema is there (see `requireSchema`). Closing it closes the database. */
export function createLedger(database: Database) {
  const run = runOn(database);
  return {
    ...archives(run),
    ...claims(run),
    ...hints(run),
    ...queue(run),
    ...lists(run),
    ...abandons(run),
    ...orders(run),
    ...sweep(run),
    ...subscriptions(run),
    close: (): Promise<void> => database.close(),
  };
}
