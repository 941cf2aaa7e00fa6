import { setTimeout as sleep } from 'node:timers/promises';
import { createLedger } from '../../src/ledger/ledger';
import { migrate } from '../../src/ledger/schema';
import { openPostgres } from '../../src/ledger/postgres';
import { begin, fence, newKey } from './archives';
import { createDatabase, unpooled } from '../support/postgres';

describe('on PostgreSQL', () => {
  it('the ledger recovers when all its connections are terminated', async () => {
    const url = unpooled(await createDatabase());
    const database = openPostgres(url);
    await migrate(database);
    const ledger = createLedger(database);
    const key = newKey();
    const record = begin({ status: 'PACKING' });
    await Promise.all(Array.from({ length: 5 }, () => ledger.beginClaim(key, fence(1), record)));

    const other = openPostgres(url);
    const killed = await other.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'archivist' AND pid <> pg_backend_pid()`,
    );
    expect(killed.length).toBeGreaterThan(0);
    await other.close();
    await sleep(200);
    expect((await ledger.find(key))?.state).toBe('waiting');
    await ledger.close();
    await ledger.close();
  });

  it('an idle process survives when its connections are terminated', async () => {
    const database = openPostgres(await createDatabase());
    const [row] = await database.query('SELECT pg_backend_pid() AS pid');
    await database.query('SELECT pg_terminate_backend($1)', [row?.['pid']]).catch(() => undefined);
    await createLedger(database).ping();
    await database.close();
  });
});

describe('a ledger without an address', () => {
  it('hides a malformed URL in its error', async () => {
    const ledger = createLedger(openPostgres('postgres://archivist:secret@:::/'));
    const error: unknown = await ledger.ping().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: 'LedgerUnavailable' });
    expect(String(error)).not.toContain('secret');
    await ledger.close();
  });
});
