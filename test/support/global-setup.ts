import { startPostgres, type TestPostgres } from './postgres';

declare global {
  var postgresOfAllTests: TestPostgres | undefined;
}

/** One PostgreSQL for all test files: making one takes seconds, a database in it takes none. */
export default async function setUp(): Promise<void> {
  globalThis.postgresOfAllTests = await startPostgres();
  process.env['ARCHIVIST_TEST_POSTGRES_URL'] = globalThis.postgresOfAllTests.url;
}
