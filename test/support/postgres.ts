import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { openPostgres, type Columns, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';

/** Names the PostgreSQL of all test files; `global-setup.ts` starts one if nobody has set it. */
const URL_VARIABLE = 'ARCHIVIST_TEST_POSTGRES_URL';

export interface TestPostgres {
  readonly url: string;
  /** Makes a database that nobody else uses. @returns its URL */
  createDatabase(): Promise<string>;
  close(): Promise<void>;
}

/** What differs from the PostgreSQL of `archivist up`. */
export const TEST_SETTINGS = {
  // Only the machine's own death would show the difference.
  fsync: 'off',
  full_page_writes: 'off',
  // All test files at once, with all their processes.
  max_connections: 300,
} as const;

/** The server that `ARCHIVIST_TEST_POSTGRES_URL` names; otherwise the embedded one, in a temporary folder. */
export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env[URL_VARIABLE];
  if (given !== undefined) return testPostgres(given, () => Promise.resolve());
  const folder = await temporaryFolder('archivist-postgres-');
  const server = await startEmbeddedPostgres({
    directory: path.join(folder, 'ledger'),
    settings: TEST_SETTINGS,
  });
  return testPostgres(server.url, async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
}

/** Makes a database that nobody else uses, on the PostgreSQL of all test files. @returns its URL */
export async function createDatabase(): Promise<string> {
  return await createDatabaseAt(process.env[URL_VARIABLE] ?? '');
}

/** Opens a new database with the ledger's schema, on the PostgreSQL of all test files. */
export async function openDatabase(): Promise<Database> {
  const database = openPostgres(await createDatabase());
  await migrate(database);
  return database;
}

/** One session, which may begin a transaction and leave it open. */
export type Session = Pick<Database, 'query' | 'close'>;

/** Opens a database once more, on one session. */
export async function openSession(database: Database): Promise<Session> {
  const [row] = await database.query('SELECT current_database() AS name');
  const url = new URL(process.env[URL_VARIABLE] ?? '');
  url.pathname = `/${String(row?.['name'])}`;
  return await sessionAt(url.href);
}

export async function sessionAt(url: string): Promise<Session> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return {
    query: async (text, parameters = []) => (await client.query<Columns>(text, [...parameters])).rows,
    close: () => client.end(),
  };
}

/** Gives the tests a database of their own, with the ledger's schema: `database()`, once they run. */
export function withDatabase(tests: (database: () => Database) => void): void {
  describe('on PostgreSQL', () => {
    let database: Database;
    beforeAll(async () => {
      database = await openDatabase();
    });
    afterAll(() => database.close());
    tests(() => database);
  });
}

function testPostgres(url: string, close: () => Promise<void>): TestPostgres {
  return { url, close, createDatabase: () => createDatabaseAt(url) };
}

async function createDatabaseAt(url: string): Promise<string> {
  const name = `archivist_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  } finally {
    await client.end();
  }
  const fresh = new URL(url);
  fresh.pathname = `/${name}`;
  return fresh.href;
}
