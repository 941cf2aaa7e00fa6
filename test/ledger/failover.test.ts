import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { createLedger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { migrate, requireSchema } from '../../src/ledger/schema';
import { Fixture } from '../embedded/postgres-fixture';
import { startTestGateway } from '../gateway/gateway';
import { newKey, secure } from './archives';
import { matching } from '../simulator/matchers';
import { createDatabase, unpooled } from '../support/postgres';

const READ_ONLY = {
  type: 'LedgerUnavailable',
  message: matching(/ \(25006\)\. Its server can only be read: it is a standby, .*leads to the primary/),
};

const fixture = new Fixture();
afterEach(() => fixture.clear());
afterAll(() => fixture.close());

describe('the ledger', () => {
  it('refuses every call while its server is a standby, and answers after the promotion', async () => {
    const directory = await fixture.madeLedger();
    const primary = await fixture.start(directory);
    const database = openPostgres(primary.url);
    await migrate(database);
    const ledger = createLedger(database);
    const key = newKey();
    await secure(ledger, key);

    await primary.stop();
    await writeFile(path.join(directory, 'cluster', 'standby.signal'), '');
    const { url } = await fixture.start(directory, { port: primary.port });
    for (const ask of [
      () => ledger.ping(),
      () => ledger.find(key),
      () => requireSchema(database),
      () => migrate(database),
    ])
      await expect(ask()).rejects.toMatchObject(READ_ONLY);

    const administrator = new Client({ connectionString: url });
    await administrator.connect();
    await administrator.query('SELECT pg_promote()');
    await administrator.end();
    expect((await ledger.find(key))?.state).toBe('secured');
    await ledger.close();
  });

  it('is not ready while its database is read-only, drops such connections, and recovers', async () => {
    const url = unpooled(await createDatabase());
    const name = new URL(url).pathname.slice(1);
    const administrator = openPostgres(url);
    await migrate(administrator);
    const ledger = createLedger(openPostgres(url, { connections: 1 }));
    const gateway = await startTestGateway({ checks: { ledger: () => ledger.ping() } });
    const readiness = async () => (await fetch(`${gateway.url}/readyz`)).json();
    await administrator.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await expect(ledger.find(newKey())).rejects.toMatchObject(READ_ONLY);
    expect(await readiness()).toMatchObject({ checks: { ledger: 'unavailable' } });
    await administrator.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    expect(await ledger.find(newKey())).toBeUndefined();
    await gateway.close();
    await ledger.close();
    await administrator.close();
  });
});
