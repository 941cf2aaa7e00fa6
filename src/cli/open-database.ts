import type { Config } from '../config/load-config';
import { openPglite } from '../embedded/pglite';
import type { Database } from '../ledger/database';
import { openPostgres } from '../ledger/postgres';

/** Opens the database that the configuration names. */
export async function openDatabase(ledger: Config['ledger']): Promise<Database> {
  switch (ledger.kind) {
    case 'pglite':
      return await openPglite(ledger.directory);
    case 'postgres':
      return openPostgres(ledger.url.reveal());
  }
}
