import { createLedger } from '../../src/ledger/ledger';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import {
  begin,
  DAY_MS,
  fence,
  newConference,
  newKey,
  newTenant,
  readWholeList,
  secure,
  sent,
} from './archives';
import { expectHeldAndTold } from './held-and-told';
import { createDatabase, unpooled } from '../support/postgres';
import { newRole } from '../support/role';

/** Each of them changes what some statement means, prints or guarantees, or when it is ended. */
const HOSTILE = {
  DateStyle: 'SQL, DMY',
  TimeZone: 'Asia/Kathmandu',
  timezone_abbreviations: 'Australia',
  IntervalStyle: 'sql_standard',
  client_encoding: 'LATIN1',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  xmlbinary: 'hex',
  gin_fuzzy_search_limit: '1',
  enable_seqscan: 'off',
  enable_indexscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit_above_cost: '0',
  synchronous_commit: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  check_function_bodies: 'off',
  statement_timeout: '0',
  lock_timeout: '5',
  idle_in_transaction_session_timeout: '5',
  client_min_messages: 'debug5',
  search_path: 'nowhere, public',
};

const PINNED = {
  transaction_isolation: 'read committed',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  IntervalStyle: 'postgres',
  client_encoding: 'UTF8',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  row_security: 'off',
  gin_fuzzy_search_limit: '0',
  synchronous_commit: 'on',
  statement_timeout: '30s',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '15s',
};

/** A new database in which every session begins with these settings. @returns its URL */
async function databaseWith(settings: Readonly<Record<string, string>>): Promise<string> {
  const url = await createDatabase();
  const database = openPostgres(url);
  for (const [name, value] of Object.entries(settings)) {
    const shown = name === 'search_path' ? value : `'${value}'`;
    await database.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${name} = ${shown}`);
  }
  await database.close();
  return url;
}

describe('a session', () => {
  let database: Database;
  beforeAll(async () => {
    database = openPostgres(await databaseWith(HOSTILE));
    await migrate(database);
  });
  afterAll(() => database.close());

  it('has its own settings, whatever server, database and role set', async () => {
    const shown = Object.keys(PINNED).map((name) => `current_setting('${name}') AS "${name}"`);
    expect(await database.query(`SELECT ${shown.join(', ')}`)).toEqual([PINNED]);
    const unbounded = await database.exclusively((run) =>
      run(`SELECT current_setting('DateStyle') AS style, current_setting('statement_timeout') AS statement,
        current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle`),
    );
    expect(unbounded).toEqual([{ style: 'ISO, MDY', statement: '0', lock: '0', idle: '0' }]);
  });

  it('reads the text, dates and counts that it wrote', async () => {
    const ledger = createLedger(database);
    const tenant = newTenant();
    const conferenceId = newConference();
    const deadlineAt = Date.parse('2030-03-04T05:06:07.008Z');
    const source = '{"participants":["Zoë Müller-Łukasz 会議"],"path":"a\\\\b"}';
    const keys = Array.from({ length: 12 }, () => newKey(tenant));
    for (const [index, key] of keys.entries())
      await ledger.beginClaim(
        key,
        fence(1, { runId: `run-${index}` }),
        begin({ conferenceId, ...sent(source) }, deadlineAt),
      );
    const [key = newKey()] = keys;
    expect((await ledger.find(key))?.deadlineAt).toEqual(new Date(deadlineAt));
    expect(String(await ledger.findRecord(key))).toBe(source);
    expect(await ledger.count()).toMatchObject({ announced: keys.length });
    await ledger.enqueueHints(
      Array.from({ length: 12 }, () => newKey(tenant)),
      5_000,
    );
    expect((await ledger.measureQueue()).entries).toBe(12);
  });

  it('takes an archive to its end, and refuses orders that come too late', async () => {
    const ledger = createLedger(database);
    const key = newKey(newTenant());
    const conferenceId = newConference();
    const token = await secure(ledger, key, { conferenceId });
    await readWholeList(ledger, key);
    const latest = await ledger.latestList(key.tenant);
    expect(latest.begunAt?.getTime()).toBeLessThanOrEqual(latest.now.getTime());
    expect(Math.abs(latest.now.getTime() - Date.now())).toBeLessThan(60_000);
    await expectHeldAndTold(database, [key], token, conferenceId);
    const entry = await ledger.find(key);
    expect(entry?.fixityDueAt?.getTime()).toBeGreaterThan(Date.now() + DAY_MS);
  });
});

describe('a session of another role', () => {
  it('fails if a policy hides rows, and never reports that there are none', async () => {
    const url = unpooled(await createDatabase());
    const owner = openPostgres(url);
    await migrate(owner);
    const key = newKey();
    await secure(createLedger(owner), key);
    const { name, url: others } = await newRole(url);
    await owner.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name}`);
    await owner.query('ALTER TABLE archives ENABLE ROW LEVEL SECURITY');
    await owner.close();
    const ledger = createLedger(openPostgres(others));
    await expect(ledger.find(key)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
    await ledger.close();
  });
});

describe('the connection pool', () => {
  it('opens no more sessions than allowed, and the other statements wait', async () => {
    const database = openPostgres(await createDatabase(), { connections: 2 });
    const pids = await Promise.all(
      Array.from({ length: 20 }, () => database.query('SELECT pg_backend_pid() AS pid, pg_sleep(0.01)')),
    );
    expect(new Set(pids.map(([row]) => row?.['pid'])).size).toBeLessThanOrEqual(2);
    await database.close();
  });
});
