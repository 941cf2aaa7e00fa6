import type { Database } from './database';
import type { Ledger } from './ledger';
import { abandons } from './sql/abandons';
import { archives } from './sql/archives';
import { claims } from './sql/claims';
import { lists } from './sql/lists';
import { orders } from './sql/orders';
import { queue } from './sql/queue';
import { stores } from './sql/stores';
import { subscriptions } from './sql/subscriptions';
import { sweep } from './sql/sweep';

/** The ledger in a database whose schema is there (see `requireSchema`). Closing it closes the database. */
export function createLedger(database: Database): Ledger {
  return {
    ...archives(database),
    ...claims(database),
    ...queue(database),
    ...lists(database),
    ...abandons(database),
    ...orders(database),
    ...sweep(database),
    ...subscriptions(database),
    ...stores(database),
    close: () => database.close(),
  };
}
