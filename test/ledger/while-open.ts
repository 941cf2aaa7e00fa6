import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/ledger/postgres';
import { openSession } from '../support/postgres';

/**
 * Runs `first` in a transaction, then `second` on connections of its own, and commits when `second` waits for a lock, which it
 * must. @returns what `second` gave
 */
export async function whileOpen<Result>(
  database: Database,
  first: (transaction: Pick<Database, 'query'>) => Promise<unknown>,
  second: () => Promise<Result>,
): Promise<Result> {
  const session = await openSession(database);
  try {
    await session.query('BEGIN');
    const [own] = await session.query('SELECT pg_backend_pid() AS pid');
    await first(session);
    const result = second();
    await untilBlocked(database, own?.['pid']);
    await session.query('COMMIT');
    return await result;
  } finally {
    await session.close();
  }
}

/** Until a statement of another connection waits for a lock that this one has. */
async function untilBlocked(database: Database, by: unknown): Promise<void> {
  for (let look = 0; look < 400; look++) {
    const rows = await database.query(
      'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND $1 = ANY (pg_blocking_pids(pid))',
      [by],
    );
    if (rows.length > 0) return;
    await sleep(10);
  }
  throw new Error('Nothing waits for the transaction that is open.');
}
