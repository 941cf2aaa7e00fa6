import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openPglite } from '../../src/embedded/pglite';
import type { Database } from '../../src/ledger/database';
import { migrate } from '../../src/ledger/migrate';
import { openPostgres } from '../../src/ledger/postgres';
import { copyEmptyPglite } from './empty-pglite';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres';

/**
 * Runs the same tests on PGlite and, where a server can be started, on PostgreSQL. Each gets a database of its own,
 * set up, for all of its tests; `database()` gives it once they run.
 */
export function onEveryDatabase(tests: (database: () => Database) => void): void {
  describe('on PGlite', () => {
    let directory: string;
    let database: Database;
    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'archivist-pglite-'));
      await copyEmptyPglite(path.join(directory, 'ledger'));
      database = await openPglite(path.join(directory, 'ledger'));
      await migrate(database);
    });
    afterAll(async () => {
      await database.close();
      await rm(directory, { recursive: true });
    });
    tests(() => database);
  });

  onPostgres((createDatabase) => {
    let database: Database;
    beforeAll(async () => {
      database = openPostgres(await createDatabase());
      await migrate(database);
    });
    afterAll(() => database.close());
    tests(() => database);
  });
}

/** Runs the tests where a PostgreSQL server can be started; else they are skipped, and their title says why. */
export function onPostgres(tests: (createDatabase: () => Promise<string>) => void): void {
  if (!hasPostgres()) {
    describe.skip('on PostgreSQL (no initdb and no ARCHIVIST_TEST_POSTGRES_URL here)', () => {
      tests(() => Promise.reject(new Error('skipped')));
    });
    return;
  }
  describe('on PostgreSQL', () => {
    let server: TestPostgres | undefined;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.close());
    tests(() => server!.createDatabase());
  });
}
