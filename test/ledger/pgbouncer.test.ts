import { Client } from 'pg';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate, requireSchema } from '../../src/ledger/schema';
import { BEGIN } from '../../src/ledger/transaction';
import { begin, fence, newConference, newKey, newTenant, readWholeList, secure } from './archives';
import { expectHeldAndTold } from './held-and-told';
import { matching } from '../simulator/matchers';
import { PGBOUNCER, startPgBouncer, type PgBouncer } from '../support/pgbouncer';
import { createDatabase, unpooled } from '../support/postgres';

/** Skipped visibly where PgBouncer is not installed. */
const describeIfInstalled = PGBOUNCER === undefined ? describe.skip : describe;

describeIfInstalled('behind a PgBouncer that pools by transactions', () => {
  let pooler: PgBouncer;
  let database: Database;
  let ledger: Ledger;
  /** Somebody else's application, which shares the pooler's connections and leaves its own settings on them. */
  let strangers: Client[];
  beforeAll(async () => {
    pooler = await startPgBouncer(unpooled(await createDatabase()));
    strangers = Array.from({ length: 3 }, () => new Client({ connectionString: pooler.url }));
    for (const stranger of strangers) await stranger.on('error', () => undefined).connect();
    // All at once, so that it meets all connections.
    for (const stranger of strangers) await stranger.query('BEGIN');
    for (const stranger of strangers)
      await stranger.query(
        `SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kathmandu'; SET extra_float_digits = -15; SET statement_timeout = 0;
         SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET synchronous_commit = off; COMMIT`,
      );
    database = openPostgres(pooler.url);
    await migrate(database);
    ledger = createLedger(database);
  });
  afterAll(async () => {
    await database.close();
    for (const stranger of strangers) await stranger.end();
    await pooler.stop();
  });

  it('the schema can be set up, even by concurrent callers', async () => {
    await Promise.all(Array.from({ length: 3 }, () => migrate(database)));
    await requireSchema(database);
  });

  it('every transaction has its timeouts, on whichever connection it runs', async () => {
    const shown = await Promise.all(
      Array.from({ length: 30 }, () =>
        database.query(
          `SELECT pg_backend_pid() AS pid, pg_sleep(0.02), concat_ws(' ', current_setting('statement_timeout'),
             current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),
             current_setting('DateStyle'), current_setting('synchronous_commit')) AS settings`,
        ),
      ),
    );
    expect(new Set(shown.map(([row]) => row?.['settings']))).toEqual(new Set(['30s 10s 15s ISO, MDY on']));
    expect(new Set(shown.map(([row]) => row?.['pid'])).size).toBeGreaterThan(1);
  });

  it('the ledger leaves no settings behind for the clients that share its connections', async () => {
    await Promise.all(Array.from({ length: 30 }, () => ledger.ping()));
    for (const stranger of strangers) await stranger.query('BEGIN');
    for (const stranger of strangers) {
      const { rows } = await stranger.query(`SELECT current_setting('statement_timeout') AS timeout`);
      expect(rows).toEqual([{ timeout: '0' }]);
      await stranger.query('COMMIT');
    }
  });

  it('the next transaction gets a working connection after a failed one', async () => {
    for (let failures = 0; failures < 10; failures++)
      await expect(database.query('SELECT 1 / $1::integer', [0])).rejects.toMatchObject({ code: '22012' });
    await Promise.all(Array.from({ length: 30 }, () => ledger.ping()));
  });

  it('the ledger secures many archives concurrently, and judges an abandon', async () => {
    const tenant = newTenant();
    const conferenceId = newConference();
    const [key, ...others] = Array.from({ length: 20 }, () => newKey(tenant));
    const keys = [key!, ...others] as const;
    const tokens = await Promise.all(keys.map((each) => secure(ledger, each, { conferenceId })));
    await readWholeList(ledger, ...keys);
    await expectHeldAndTold(database, keys, tokens[0]!, conferenceId);
  });

  it('attempts take over from each other, and older ones are fenced off', async () => {
    const key = newKey();
    const [early, late] = [fence(1), fence(1, { runId: 'run-2' })];
    const verdicts = [late, early].map((token) => ledger.beginClaim(key, token, begin()));
    expect((await Promise.all(verdicts)).map(({ verdict }) => verdict)[0]).toBe('taken');
    expect((await ledger.beginClaim(key, early, begin())).verdict).toBe('fenced');
  });

  it('the ledger ends idle transactions, and statements that wait too long', async () => {
    const [stopped] = strangers;
    await stopped?.query(BEGIN);
    await stopped?.query('LOCK TABLE queue IN ACCESS EXCLUSIVE MODE');
    const waiting = () => ledger.enqueueHints([newKey()], 30_000);
    await expect(waiting()).rejects.toMatchObject({ message: matching(/55P03/) });
    expect(await waiting()).toEqual(['accepted']);
  }, 30_000);

  it('the error says what to do about a parameter that the pooler refuses', async () => {
    const refused = openPostgres(`${pooler.url}?options=-csearch_path%3Dpublic`);
    await expect(createLedger(refused).ping()).rejects.toThrow(
      /08P01: a pooler .*ALTER ROLE … SET search_path/,
    );
    await refused.close();
  });
});
