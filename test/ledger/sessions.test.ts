import { openPostgres, type Database } from '../../src/ledger/postgres';
import { createDatabase } from '../support/postgres';

let database: Database;
beforeAll(async () => {
  database = openPostgres(await createDatabase(), { connections: 2 });
});
afterAll(() => database.close());

describe('a session', () => {
  it('means the same whatever the settings of role and database are', async () => {
    const hostile = [
      [`DateStyle`, `'SQL, DMY'`],
      ['TimeZone', `'Asia/Kathmandu'`],
      ['IntervalStyle', `'sql_standard'`],
      ['default_transaction_isolation', `'serializable'`],
      ['standard_conforming_strings', 'off'],
      ['statement_timeout', '0'],
    ] as const;
    const strange = await createDatabase();
    const name = new URL(strange).pathname.slice(1);
    for (const [setting, value] of hostile)
      await database.query(`ALTER DATABASE ${name} SET ${setting} = ${value}`);
    const opened = openPostgres(strange);
    const at = `SELECT '2026-03-04 05:06:07.5+00'::timestamptz AS at, 'a\\b' AS text`;
    const plain = { at: new Date('2026-03-04T05:06:07.500Z'), text: 'a\\b' };
    expect(await opened.query(at)).toEqual([plain]);
    const settings = await opened.query(
      `SELECT current_setting('transaction_isolation') AS isolation, current_setting('TimeZone') AS zone,
         current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
         current_setting('idle_in_transaction_session_timeout') AS idle`,
    );
    expect(settings).toEqual([
      { isolation: 'read committed', zone: 'UTC', statement: '30s', lock: '10s', idle: '15s' },
    ]);
    expect(await opened.exclusively((run) => run(at))).toEqual([plain]);
    await opened.close();
  });

  it('is one of as many as were allowed, and the others wait', async () => {
    const pids = await Promise.all(
      Array.from({ length: 20 }, () => database.query('SELECT pg_backend_pid() AS pid, pg_sleep(0.01)')),
    );
    expect(new Set(pids.map(([row]) => row?.['pid'])).size).toBeLessThanOrEqual(2);
  });
});
