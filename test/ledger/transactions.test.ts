import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { createDatabase } from '../support/postgres';

let url: string;
let database: Database;
beforeAll(async () => {
  url = await createDatabase();
  database = openPostgres(url, { connections: 2 });
  await database.query('CREATE TABLE accounts (name text PRIMARY KEY, balance integer NOT NULL)');
});
beforeEach(() => database.query(`DELETE FROM accounts`));
afterAll(() => database.close());

const balances = () => database.query('SELECT name, balance FROM accounts ORDER BY name');
const insert = 'INSERT INTO accounts VALUES ($1, $2)';

describe('a transaction', () => {
  it('is committed whole, gives what its work gives, and is not seen before', async () => {
    const result = await database.transaction(async (transaction) => {
      await transaction.query(insert, ['a', 1]);
      const [row] = await transaction.query('SELECT balance FROM accounts WHERE name = $1', ['a']);
      expect(await balances()).toEqual([]);
      await transaction.query(insert, ['b', 2]);
      return row?.['balance'];
    });
    expect(result).toBe(1);
    expect(await balances()).toEqual([
      { name: 'a', balance: 1 },
      { name: 'b', balance: 2 },
    ]);
  });

  it('is rolled back where its work throws, and its connection is used again', async () => {
    for (let times = 0; times < 5; times += 1)
      await expect(
        database.transaction(async (transaction) => {
          await transaction.query(insert, ['a', 1]);
          throw new Error('changed its mind');
        }),
      ).rejects.toThrow('changed its mind');
    expect(await balances()).toEqual([]);
  });

  it('is not taken for committed where its work overlooks that a statement failed', async () => {
    await expect(
      database.transaction(async (transaction) => {
        await transaction.query(insert, ['a', 1]);
        await transaction.query(insert, ['a', 1]).catch(() => undefined);
      }),
    ).rejects.toThrow('A statement of the transaction failed');
    expect(await balances()).toEqual([]);
  });

  it('sees in each statement what was committed before it, also after it waited for a lock', async () => {
    await database.query(insert, ['a', 1]);
    const other = openPostgres(url);
    const steps = new EventEmitter();
    const [locked, seen] = [once(steps, 'locked'), once(steps, 'seen')];
    const first = other.transaction(async (transaction) => {
      await transaction.query(`SELECT FROM accounts WHERE name = 'a' FOR UPDATE`);
      steps.emit('locked');
      await seen;
      await transaction.query(insert, ['b', 2]);
    });
    await locked;
    const second = database.transaction(async (transaction) => {
      const before = await transaction.query('SELECT count(*)::integer FROM accounts');
      steps.emit('seen');
      await transaction.query(`SELECT FROM accounts WHERE name = 'a' FOR UPDATE`);
      return [before, await transaction.query('SELECT count(*)::integer FROM accounts')];
    });
    await first;
    expect(await second).toEqual([[{ count: 1 }], [{ count: 2 }]]);
    await other.close();
  });

  it('that stands still is ended by the server, and its locks with it', async () => {
    await database.query(insert, ['a', 1]);
    const still = database.transaction(async (transaction) => {
      await transaction.query(`SET LOCAL idle_in_transaction_session_timeout = 100`);
      await transaction.query(`UPDATE accounts SET balance = 2`);
      await pause(400);
      await transaction.query(`UPDATE accounts SET balance = 3`);
    });
    await expect(still).rejects.toThrow();
    await database.query('UPDATE accounts SET balance = balance + 10');
    expect(await balances()).toEqual([{ name: 'a', balance: 11 }]);
  });

  it('cannot be used once it is over', async () => {
    const query = await database.transaction((transaction) => Promise.resolve(transaction.query));
    await expect(query('SELECT 1')).rejects.toThrow('This transaction is over.');
  });

  it('outlives the death of its connection as an error, and the next one has another', async () => {
    const killed = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a', 1]);
      await transaction.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(killed).rejects.toThrow();
    expect(await database.transaction(() => Promise.resolve('fine'))).toBe('fine');
    expect(await balances()).toEqual([]);
  });
});

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
    const settings = await opened.transaction((transaction) =>
      transaction.query(
        `SELECT current_setting('transaction_isolation') AS isolation, current_setting('TimeZone') AS zone,
           current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
           current_setting('idle_in_transaction_session_timeout') AS idle`,
      ),
    );
    expect(settings).toEqual([
      { isolation: 'read committed', zone: 'UTC', statement: '30s', lock: '10s', idle: '15s' },
    ]);
    expect(await opened.exclusively((session) => session.run(at))).toEqual([plain]);
    await opened.close();
  });

  it('is one of as many as were allowed, and the others wait', async () => {
    const pids = await Promise.all(
      Array.from({ length: 20 }, () => database.query('SELECT pg_backend_pid() AS pid, pg_sleep(0.01)')),
    );
    expect(new Set(pids.map(([row]) => row?.['pid'])).size).toBeLessThanOrEqual(2);
  });
});
