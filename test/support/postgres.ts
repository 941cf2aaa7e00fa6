import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { openPostgres, type Columns, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { startPgBouncer } from './pgbouncer';

/** Names the PostgreSQL of all test files; `global-setup.ts` starts one if nobody has set it. */
const URL_VARIABLE = 'ARCHIVIST_TEST_POSTGRES_URL';
/** Names the pooler before it, if the databases are to be reached through one. */
const POOLER_VARIABLE = 'ARCHIVIST_TEST_POOLER_URL';
/** The settings that every database is given, in JSON. */
const SETTINGS_VARIABLE = 'ARCHIVIST_TEST_DATABASE_SETTINGS';
/** `hostile`: the databases have settings that nobody expects. `pooled`: a pooler is before them. */
const KIND_VARIABLE = 'ARCHIVIST_TEST_DATABASES';

const HOSTILE = { DateStyle: 'SQL, DMY', TimeZone: 'Asia/Kathmandu' } as const;
const GERMAN = { lc_messages: 'de_DE.UTF-8' } as const;

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

/** Starts what all test files use: the server, and the pooler before it if the databases are to be `pooled`. */
export async function setUpPostgres(): Promise<TestPostgres> {
  const server = await startPostgres();
  process.env[URL_VARIABLE] = server.url;
  const kind = process.env[KIND_VARIABLE];
  if (kind === 'hostile') {
    const settings = { ...HOSTILE, ...((await speaksGerman(server.url)) ? GERMAN : {}) };
    process.env[SETTINGS_VARIABLE] = JSON.stringify(settings);
    process.stderr.write(`The databases have the settings ${JSON.stringify(settings)}.\n`);
  } else if (kind === 'pooled') {
    const pooler = await startPgBouncer(server.url, { connections: 20 });
    process.env[POOLER_VARIABLE] = pooler.url;
    return { ...server, close: () => pooler.stop().then(() => server.close()) };
  } else if (kind !== undefined) throw new Error(`${KIND_VARIABLE} is hostile or pooled`);
  return server;
}

/** Whether the locale is installed. */
async function speaksGerman(url: string): Promise<boolean> {
  const session = await sessionAt(url);
  const set = session.query(`SET lc_messages = '${GERMAN.lc_messages}'`);
  return await set
    .then(() => true)
    .catch(() => false)
    .finally(() => session.close());
}

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

/**
 * Makes a database that nobody else uses, on the PostgreSQL of all test files.
 * @returns its URL, which leads through the pooler if there is one
 */
export async function createDatabase(): Promise<string> {
  const url = await createDatabaseAt(process.env[URL_VARIABLE] ?? '');
  await configure(url, process.env[SETTINGS_VARIABLE]);
  const pooler = process.env[POOLER_VARIABLE];
  return pooler === undefined
    ? url
    : Object.assign(new URL(pooler), { pathname: new URL(url).pathname }).href;
}

/** @returns the URL of the same database at the server itself, for what no pooler allows */
export function unpooled(url: string): string {
  return Object.assign(new URL(process.env[URL_VARIABLE] ?? ''), { pathname: new URL(url).pathname }).href;
}

async function configure(url: string, settings: string | undefined): Promise<void> {
  if (settings === undefined) return;
  const name = new URL(url).pathname.slice(1);
  const session = await sessionAt(url);
  for (const [setting, value] of Object.entries(JSON.parse(settings) as Readonly<Record<string, string>>))
    await session.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
  await session.close();
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
  return await sessionAt(unpooled(`postgres:///${String(row?.['name'])}`));
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
