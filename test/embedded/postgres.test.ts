import { readdir, readFile, rename, stat, chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../src/processes/free-port';
import { connectionOf, ledgerFolder } from '../../src/embedded/postgres';
import { isRunning } from '../support/descendants';
import { ask, failing, Fixture, isRoot } from './postgres-fixture';
import { matching } from '../simulator/matchers';

const fixture = new Fixture();
afterEach(() => fixture.clear());
afterAll(() => fixture.close());

describe('a new ledger', () => {
  it('has a fixed encoding and locale, whatever the environment says', async () => {
    const directory = path.join(await fixture.folder(), 'data', 'ledger');
    const env = {
      ...process.env,
      ...{ LANG: 'de_DE.ISO-8859-1', LC_ALL: 'tr_TR', LANGUAGE: 'de', TZ: 'Asia/Kathmandu' },
      ...{ PGDATA: '/nowhere', PGPORT: '1', PGUSER: 'nobody', PGCLIENTENCODING: 'LATIN1' },
    };
    const { url } = await fixture.start(directory, { env, settings: {} });
    const settings = [
      'server_encoding',
      'lc_messages',
      'fsync',
      'full_page_writes',
      'synchronous_commit',
      'data_checksums',
    ];
    const [row] = await ask(
      url,
      `SELECT datcollate, ${settings.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(row).toEqual({
      datcollate: 'C',
      server_encoding: 'UTF8',
      lc_messages: 'C',
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
    });
  });

  it('listens on loopback only, and requires the password, which only its owner can read', async () => {
    const directory = await fixture.madeLedger();
    const { url } = await fixture.start(directory);
    expect(await ask(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await ask(url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    for (const user of ['archivist', 'postgres']) {
      const [stranger, nobody] = [new URL(url), new URL(url)];
      Object.assign(stranger, { username: user, password: 'guess' });
      Object.assign(nobody, { username: user, password: '' });
      await expect(ask(stranger.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
      await expect(ask(nobody.href, 'SELECT 1')).rejects.toThrow();
    }
    for (const name of ['cluster', 'connection.json', 'password', 'postgres.log', 'lock'])
      expect([name, (await stat(path.join(directory, name))).mode & 0o077]).toEqual([name, 0]);
  });

  it('writes no row and no statement to its log', async () => {
    const directory = await fixture.madeLedger();
    const { url } = await fixture.start(directory);
    await expect(ask(url, `SELECT 'Erika Vermerk'::integer`)).rejects.toMatchObject({ code: '22P02' });
    await expect(
      ask(url, `DO $$ BEGIN RAISE WARNING 'Erika Vermerk'; RAISE 'Erika Vermerk'; END $$`),
    ).rejects.toThrow();
    const log = await readFile(path.join(directory, 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('Vermerk');
  });
});

describe('a ledger', () => {
  it('is found by every command while it runs, and keeps its data', async () => {
    const directory = await fixture.madeLedger();
    const notRunning = failing(/does not run: start `archivist up`/);
    await expect(connectionOf(directory)).rejects.toEqual(notRunning);
    const first = await fixture.start(directory);
    const { url } = await connectionOf(directory);
    await ask(url, `CREATE TABLE kept AS SELECT 'here' AS value`);
    await Promise.all([first.stop(), first.stop()]);
    expect(isRunning(first.pid)).toBe(false);
    await expect(connectionOf(directory)).rejects.toEqual(notRunning);
    await fixture.start(directory);
    expect(await ask((await connectionOf(directory)).url, 'SELECT value FROM kept')).toEqual([
      { value: 'here' },
    ]);
  });

  it('is run by one process: other ones, and a second start in this one, learn which', async () => {
    const directory = await fixture.madeLedger();
    const { url } = await fixture.start(directory);
    const inUse = new RegExp(`in use by process ${process.pid} `);
    await expect(fixture.start(directory)).rejects.toEqual(failing(inUse));
    await expect(fixture.startElsewhere([directory])).rejects.toThrow(inUse);
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is released at once by a process whose lock another one has taken', async () => {
    const directory = await fixture.madeLedger();
    const server = await fixture.start(directory);
    const place = path.join(directory, 'lock');
    const [name = ''] = await readdir(place);
    await rename(path.join(place, name), path.join(place, String(Number(name) + 1)));
    expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
    await server.stop();
    expect(await readdir(directory)).toContain('connection.json');
  });

  it('reports that the requested port is taken', async () => {
    const { port } = await fixture.start(await fixture.madeLedger());
    const directory = await fixture.madeLedger();
    await expect(fixture.start(directory, { port })).rejects.toEqual(
      failing(/port is taken by another program/),
    );
    await expect(fixture.start(directory, { port: await freePort('127.0.0.1') })).resolves.toBeDefined();
  });
});

describe('an unusable folder', () => {
  it('of another PostgreSQL version is opened only by that version', async () => {
    const directory = await fixture.madeLedger();
    await writeFile(path.join(directory, 'cluster', 'PG_VERSION'), '13\n');
    await expect(fixture.start(directory, { env: { PATH: '' } })).rejects.toEqual(
      failing(
        /made by PostgreSQL 13, and can be opened by that version only[^]*is version 18[^]*Install PostgreSQL 13, or set ARCHIVIST_POSTGRES_BIN/,
      ),
    );
  });

  it('without PG_VERSION is refused as no data directory', async () => {
    const directory = await fixture.folder();
    await mkdir(path.join(directory, 'cluster'));
    if (!isRoot) await expect(fixture.start(directory)).rejects.toEqual(failing(/PG_VERSION is missing/));
    // What root makes belongs to root.
    else await expect(fixture.start(directory)).rejects.toEqual(failing(/belongs to root/));
  });

  it('of another user is not touched', async () => {
    const directory = await fixture.folder();
    await symlink('/usr', path.join(directory, 'cluster'));
    await expect(fixture.start(directory)).rejects.toEqual(failing(/belongs to (another user|root)/));
  });

  it('that others can read is refused, with the remedy', async () => {
    const directory = await fixture.madeLedger();
    await chmod(path.join(directory, 'cluster'), 0o755);
    await expect(fixture.start(directory)).rejects.toEqual(
      failing(/readable by that user only \(`chmod 700`\)/),
    );
    expect((await stat(path.join(directory, 'cluster'))).mode & 0o777).toBe(0o755);
  });

  (isRoot ? it : it.skip)('below one that only root can enter is named, and stays closed', async () => {
    const closed = path.join(await fixture.folder(), 'closed');
    await mkdir(closed, { mode: 0o700 });
    const directory = path.join(closed, 'data', 'ledger');
    await expect(fixture.start(directory)).rejects.toEqual(
      failing(new RegExp(`may not enter ${closed}, .*chmod o\\+x ${closed}.*ledger: embedded:`)),
    );
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
    const said: string[] = [];
    const instead = await ledgerFolder(directory, (line) => said.push(line));
    fixture.adopt(path.dirname(instead));
    expect(said).toEqual([matching(new RegExp(`may not enter ${closed}`))]);
    await expect(fixture.start(instead)).resolves.toBeDefined();
  });
});
