import { startPostgres, type TestPostgres } from './postgres';

declare global {
  var postgresOfAllTests: TestPostgres | undefined;
}

/** One PostgreSQL server for all test files, where one can be started: making one takes seconds, a database in it takes none. */
export default async function setUp(): Promise<void> {
  if (process.env['ARCHIVIST_TEST_POSTGRES_URL'] !== undefined) return;
  globalThis.postgresOfAllTests = await startPostgres();
  if (globalThis.postgresOfAllTests)
    process.env['ARCHIVIST_TEST_POSTGRES_URL'] = globalThis.postgresOfAllTests.url;
}
