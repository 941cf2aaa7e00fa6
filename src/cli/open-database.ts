import type { Config } from '../config/load-config';
import { connectionOf } from '../embedded/postgres';
import type { Database } from '../ledger/database';
import { openPostgres } from '../ledger/postgres';

/**
 * Opens the database that the configuration names.
 * @throws ArchivistError `LedgerUnavailable` if it is the embedded PostgreSQL, and no `archivist up` runs it
 */
export async function openDatabase(ledger: Config['ledger']): Promise<Database> {
  const url = ledger.kind === 'embedded' ? (await connectionOf(ledger.directory)).url : ledger.url.reveal();
  return openPostgres(url);
}
