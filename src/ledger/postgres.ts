import { Client, Pool, type ClientBase, type ClientConfig, type QueryConfig } from 'pg';

/** One row as a driver gives it: column names to values. */
export type Columns = Readonly<Record<string, unknown>>;

/** A PostgreSQL database. Errors are the driver's own: they may hold personal data. */
export interface Database {
  /**
   * Runs one statement, with `$1`, `$2`, … for the parameters, in a transaction of its own. After `timeoutMs` without an answer
   * it is given up: it may have been done or not, and its connection is closed.
   */
  query(text: string, parameters?: readonly unknown[], timeoutMs?: number): Promise<Columns[]>;

  /**
   * Runs `work` on one session and in one transaction, while nobody else does the same on this database, in this process
   * or another. What `work` did is taken back where it throws.
   */
  exclusively<Result>(work: (run: RunScript) => Promise<Result>): Promise<Result>;

  close(): Promise<void>;
}

/** Runs one or several statements without parameters. @returns the rows of the last one */
export type RunScript = (script: string) => Promise<Columns[]>;

/** Any number will do, as long as every version of Archivist uses the same. */
const SETUP_LOCK = 4_271_939_018;

const STATEMENT_TIMEOUT_MS = 30_000;
/** A server that is cut off never reports its own timeout. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
/** Waiting longer for a lock than this means that its holder stands still. */
const LOCK_TIMEOUT_MS = 10_000;
/** A transaction whose process stopped in the middle of it gives its locks back after this. */
const IDLE_IN_TRANSACTION_MS = 15_000;

/**
 * Opens PostgreSQL at a `postgres://` URL; its `sslmode` decides on TLS. Connects with the first statement.
 *
 * What a statement means depends on the settings of server, database and role, so every session begins by pinning them. That is a
 * statement, since PgBouncer refuses most settings as startup parameters (and has to pool by sessions).
 * @param connections how many there are at most; a statement waits for a free one
 */
export function openPostgres(
  url: string,
  { connections = 10 }: { readonly connections?: number } = {},
): Database {
  const connection: ClientConfig = {
    connectionString: url,
    application_name: 'archivist',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  };
  const pool = new Pool({
    ...connection,
    max: connections,
    idleTimeoutMillis: 30_000,
    query_timeout: ANSWER_TIMEOUT_MS,
    // The pool waits for it, though its types do not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: pinSettings,
  });
  // Without a listener the death of an idle connection would end the process; the pool replaces it by itself.
  pool.on('error', ignore);

  let closed: Promise<void> | undefined;
  return {
    async query(text, parameters = [], timeoutMs = ANSWER_TIMEOUT_MS) {
      // The driver takes the timeout of one query, though its types do not say so.
      const query: QueryConfig = Object.assign(
        { text, values: [...parameters] },
        { query_timeout: timeoutMs },
      );
      const { rows } = await pool.query<Columns>(query);
      return rows;
    },
    exclusively: (work) => exclusively(connection, work),
    close: () => (closed ??= pool.end()),
  };
}

const SETTINGS = {
  // The driver reads a date in another style as null.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
} as const;

const PIN_SETTINGS = Object.entries(SETTINGS)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join('; ');

async function pinSettings(client: ClientBase): Promise<void> {
  await client.query(PIN_SETTINGS);
}

/** On a connection of its own, since setting up may wait and work for longer than any other statement may. */
async function exclusively<Result>(
  connection: ClientConfig,
  work: (run: RunScript) => Promise<Result>,
): Promise<Result> {
  const client = new Client(connection);
  client.on('error', ignore);
  await client.connect();
  try {
    await pinSettings(client);
    // READ COMMITTED, so that what is read after the wait for the lock is what the one before has committed.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    for (const timeout of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'])
      await client.query(`SET LOCAL ${timeout} = 0`);
    await client.query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK]);
    const result = await work(async (script) => {
      const results: unknown = await client.query(script);
      const last: unknown = Array.isArray(results) ? results.at(-1) : results;
      return (last as { readonly rows: Columns[] }).rows;
    });
    await client.query('COMMIT');
    return result;
  } finally {
    // What is not committed by now is rolled back by the server.
    await client.end();
  }
}

function ignore(): void {
  // Whoever uses the connection next is told by an error of its own.
}
