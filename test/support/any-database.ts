import { join } from 'node:path';
import { openPglite } from '../../src/embedded/pglite';
import type { Database } from '../../src/ledger/database';
import { migrate } from '../../src/ledger/migrate';
import { openPostgres } from '../../src/ledger/postgres';
import { copyEmptyPglite } from '../ledger/empty-pglite';
import { startPostgres } from './postgres';

/**
 * A database for a ledger, set up, for tests that are not about databases: on PostgreSQL where there is one, which takes a fraction of
 * PGlite's time, else on PGlite in `folder`.
 */
export async function openAnyDatabase(folder: string): Promise<Database> {
  const url = await anyPostgres();
  const database = url === undefined ? await emptyPglite(folder) : openPostgres(url);
  await migrate(database);
  return database;
}

/** The URL of an empty database on the PostgreSQL of all test files, where there is one. */
export async function anyPostgres(): Promise<string | undefined> {
  if (process.env['ARCHIVIST_TEST_POSTGRES_URL'] === undefined) return undefined;
  return await (await startPostgres())?.createDatabase();
}

async function emptyPglite(folder: string): Promise<Database> {
  await copyEmptyPglite(join(folder, 'ledger'));
  return await openPglite(join(folder, 'ledger'));
}
