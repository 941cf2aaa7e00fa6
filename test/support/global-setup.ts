import type { DevServer } from '../../src/embedded/temporal-dev-server';
import { setUpPostgres, type TestPostgres } from './postgres';
import { startTemporal, TEMPORAL_VARIABLES } from './temporal';

declare global {
  var postgresOfAllTests: TestPostgres | undefined;
  var temporalOfAllTests: DevServer | undefined;
}

/** One PostgreSQL and one Temporal for all test files: a database and a namespace take milliseconds, servers take seconds. */
export default async function setUp(): Promise<void> {
  const [postgres] = await Promise.all([setUpPostgres(), setUpTemporal()]);
  globalThis.postgresOfAllTests = postgres;
}

/** Most tests need none: where there is none to be had, only those fail that do. */
async function setUpTemporal(): Promise<void> {
  try {
    const server = await startTemporal();
    globalThis.temporalOfAllTests = server;
    process.env[TEMPORAL_VARIABLES.address] = server.address;
  } catch (error) {
    process.env[TEMPORAL_VARIABLES.problem] = error instanceof Error ? error.message : 'failed';
  }
}
