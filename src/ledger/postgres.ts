import { Client, Pool, type ClientConfig, type PoolClient, type QueryConfig } from 'pg';
import { cannotConnect } from './refusal';
import { BEGIN, BEGIN_UNBOUNDED, requireWritable, STATEMENT_TIMEOUT_MS } from './transaction';

/** One row as a driver returns it: column names to values. */
export type Columns = Readonly<Record<string, unknown>>;

/**
 * A PostgreSQL database. Errors of statements are the driver's own, which may hold personal data; `ArchivistError` of type
 * `LedgerUnavailable` says why there is no connection.
 */
export interface Database {
  /**
   * Runs one statement, with `$1`, `$2`, … for the parameters, in a transaction of its own. After `timeoutMs` without an answer
   * it fails, although the server may have executed it. A connection on which a statement failed is closed.
   */
  query(text: string, parameters?: readonly unknown[], timeoutMs?: number): Promise<Columns[]>;

  /**
   * Runs `work` on one session and in one transaction. Only one such call at a time runs on this database, in this process
   * or another. If `work` throws, its changes are rolled back.
   */
  exclusively<Result>(work: (run: RunScript) => Promise<Result>): Promise<Result>;

  close(): Promise<void>;
}

/** Runs one or several statements without parameters. @returns the rows of the last one */
export type RunScript = (script: string) => Promise<Columns[]>;

/** An arbitrary number, which every version of Archivist must share. */
const SETUP_LOCK = 4_271_939_018;

/** A server that is cut off never reports its own timeout. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/**
 * Opens PostgreSQL at a `postgres://` URL, or a pooler before it; the URL's `sslmode` decides on TLS. Connects with the first statement.
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
  // A transaction is sent at once, so that it takes one round trip.
  const pool = new Pool({ ...connection, max: connections, idleTimeoutMillis: 30_000, pipeline: true });
  // Without listeners the death of a connection would end the process; the pool replaces it by itself.
  pool.on('error', ignore).on('connect', (client) => client.on('error', ignore));

  let closed: Promise<void> | undefined;
  return {
    async query(text, parameters = [], timeoutMs = ANSWER_TIMEOUT_MS) {
      const client = await connected(connection, () => pool.connect());
      try {
        const rows = await transact(client, text, parameters, timeoutMs);
        client.release();
        return rows;
      } catch (error) {
        // Also because the server may have become read-only: the next connection may reach another one.
        client.release(true);
        throw error;
      }
    },
    exclusively: (work) => exclusively(connection, work),
    close: () => (closed ??= pool.end()),
  };
}

async function transact(
  client: PoolClient,
  text: string,
  parameters: readonly unknown[],
  timeoutMs: number,
): Promise<Columns[]> {
  const send = async (query: QueryConfig) => {
    // The driver accepts a timeout per query, though its types do not say so.
    const results: unknown = await client.query(Object.assign(query, { query_timeout: timeoutMs }));
    return lastRows(results);
  };
  const [begun, rows] = await Promise.all([
    send({ text: BEGIN }),
    send({ text, values: [...parameters] }),
    // Rolls back if the statement failed.
    send({ text: 'COMMIT' }),
  ]);
  requireWritable(begun);
  return rows;
}

/** Uses a connection of its own, because set-up may wait and run for longer than other statements may. */
async function exclusively<Result>(
  connection: ClientConfig,
  work: (run: RunScript) => Promise<Result>,
): Promise<Result> {
  const client = await connected(connection, async () => {
    const own = new Client(connection);
    own.on('error', ignore);
    await own.connect();
    return own;
  });
  try {
    const run: RunScript = async (script) => lastRows(await client.query(script));
    requireWritable(await run(BEGIN_UNBOUNDED));
    await run(`SELECT pg_advisory_xact_lock(${SETUP_LOCK})`);
    const result = await work(run);
    await run('COMMIT');
    return result;
  } finally {
    // The server rolls back what is not committed by now.
    await client.end();
  }
}

async function connected<Connected>(
  connection: ClientConfig,
  connect: () => Promise<Connected>,
): Promise<Connected> {
  try {
    return await connect();
  } catch (error) {
    throw cannotConnect(connection, error);
  }
}

/** The rows of a query; of a script, those of its last statement. */
function lastRows(results: unknown): Columns[] {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return (last as { readonly rows: Columns[] }).rows;
}

function ignore(): void {
  // The next statement on the connection fails with an error of its own.
}
