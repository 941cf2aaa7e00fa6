import { Client, Pool, type ClientConfig } from 'pg';
import type { Columns, Database, Session } from './database';

/** Any number will do, as long as every version of Archivist uses the same. */
const SETUP_LOCK = 4_271_939_018;

const MAX_CONNECTIONS = 10;
const STATEMENT_TIMEOUT_MS = 30_000;

/** Opens PostgreSQL at a `postgres://` URL; its `sslmode` decides on TLS. Connects with the first statement. */
export function openPostgres(url: string): Database {
  const connection: ClientConfig = {
    connectionString: url,
    application_name: 'archivist',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  };
  const pool = new Pool({
    ...connection,
    max: MAX_CONNECTIONS,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A server that is cut off never reports its own timeout.
    query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
  });
  // Without a listener the death of an idle connection would end the process; the pool replaces it by itself.
  pool.on('error', ignore);

  let closed: Promise<void> | undefined;
  return {
    async query(text, parameters = []) {
      const { rows } = await pool.query<Columns>(text, [...parameters]);
      return rows;
    },
    exclusively: (work) => exclusively(connection, work),
    close: () => (closed ??= pool.end()),
  };
}

/** On a connection of its own, since setting up may wait and work for longer than any other statement may. */
async function exclusively<Result>(
  connection: ClientConfig,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const client = new Client(connection);
  client.on('error', ignore);
  await client.connect();
  try {
    // READ COMMITTED, so that what is read after the wait for the lock is what the one before has committed.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK]);
    const result = await work({ run: (script) => run(client, script) });
    await client.query('COMMIT');
    return result;
  } finally {
    // What is not committed by now is rolled back by the server.
    await client.end();
  }
}

async function run(client: Client, script: string): Promise<Columns[]> {
  const results: unknown = await client.query(script);
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return (last as { readonly rows: Columns[] }).rows;
}

function ignore(): void {
  // Whoever uses the connection next is told by an error of its own.
}
