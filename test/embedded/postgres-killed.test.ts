import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../src/processes/free-port';
import { connectionOf } from '../../src/embedded/postgres';
import { accountFor } from '../../src/embedded/postgres/account';
import { findBinaries, programEnvironment, programIn } from '../../src/embedded/postgres/binaries';
import { matching } from '../simulator/matchers';
import { isRunning } from '../support/descendants';
import { ask, failing, Fixture, kill, until } from './postgres-fixture';

const fixture = new Fixture();
afterEach(() => fixture.clear());
afterAll(() => fixture.close());

describe('after a kill,', () => {
  it('PostgreSQL can be started again with all committed data', async () => {
    const directory = await fixture.madeLedger();
    const first = await fixture.start(directory);
    await ask(first.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await expect(connectionOf(directory)).rejects.toEqual(failing(/start `archivist up`/));
    const { port } = first;
    // Before the first is closed: a supervisor may forget to.
    await expect(fixture.start(directory)).rejects.toEqual(failing(/in use by process/));
    await first.stop();
    const second = await fixture.start(directory, { port });
    expect(await ask(second.url, 'SELECT count(*)::integer FROM kept')).toEqual([{ count: 1000 }]);
  });

  it('of its parent, the kernel stops PostgreSQL, and the next one starts on the same port', async () => {
    const directory = await fixture.madeLedger();
    const other = await fixture.startElsewhere([directory]);
    await until(() => other.acknowledged() > 100);
    await kill(other.child);
    const next = await fixture.start(directory);
    expect(isRunning(other.pid)).toBe(false);
    expect(new URL(next.url).port).toBe(new URL(other.url).port);
    const [row] = await ask(next.url, 'SELECT count(*)::integer AS count, max(number) FROM numbers');
    expect(row!['count']).toBe(Number(row!['max']) + 1);
    expect(row!['max']).toBeGreaterThanOrEqual(other.acknowledged());
  });

  it('of its parent without help of the kernel, PostgreSQL runs until the next one stops it', async () => {
    const directory = await fixture.madeLedger();
    // Without setpriv; root needs to ask who its other user is.
    const programs = await fixture.folder();
    await symlink('/usr/bin/id', path.join(programs, 'id'));
    const other = await fixture.startElsewhere([directory], { env: { PATH: programs } });
    await until(() => other.acknowledged() > 100);
    await kill(other.child);
    await pause(300);
    expect(isRunning(other.pid)).toBe(true);
    const said: string[] = [];
    const next = await fixture.start(directory, { report: (line) => said.push(line) });
    expect(said).toEqual([matching(new RegExp(`outlived its parent \\(process ${other.pid}\\)`))]);
    expect(isRunning(other.pid)).toBe(false);
    const [row] = await ask(next.url, 'SELECT max(number) FROM numbers');
    expect(row!['max']).toBeGreaterThanOrEqual(other.acknowledged());
  });

  it('PostgreSQL starts despite a stale postmaster.pid, even if another process now has that id', async () => {
    const directory = await fixture.madeLedger();
    const pidFile = path.join(directory, 'cluster', 'postmaster.pid');
    const account = await accountFor(path.join(directory, 'cluster'));
    const innocent = spawn('sleep', ['600'], { stdio: 'ignore', ...account, cwd: '/' });
    for (const pid of [999_999, innocent.pid]) {
      await writeFile(pidFile, `${pid}\n${directory}/cluster\n1700000000\n1\n\n127.0.0.1\n  0  0\nready\n`);
      const server = await fixture.start(directory);
      await server.stop();
    }
    expect(innocent.exitCode).toBeNull();
    await kill(innocent);
  });

  it('archivist does not touch a server that somebody else started there, nor its postmaster.pid', async () => {
    const directory = await fixture.madeLedger();
    const cluster = path.join(directory, 'cluster');
    const account = await accountFor(cluster);
    const { env } = process;
    const { folder } = await findBinaries({ directory, account, major: undefined, env });
    const port = await freePort('127.0.0.1');
    const settings = [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `port=${port}`,
      '-c',
      'unix_socket_directories=',
    ];
    const foreign = spawn(programIn(folder, 'postgres'), ['-D', cluster, ...settings], {
      stdio: 'ignore',
      cwd: '/',
      env: programEnvironment(env),
      ...account,
    });
    const pidFile = path.join(cluster, 'postmaster.pid');
    const content = () => readFile(pidFile, 'utf8').catch(() => '');
    await until(async () => (await content()).includes('ready'));
    await expect(fixture.start(directory)).rejects.toEqual(
      failing(
        new RegExp(`Process ${foreign.pid} is a PostgreSQL .* not started by Archivist. Stop it first`),
      ),
    );
    expect(await content()).toMatch(new RegExp(`^${foreign.pid}\n`));
    expect(foreign.exitCode).toBeNull();
    foreign.kill('SIGINT');
    await once(foreign, 'exit');
    await expect(fixture.start(directory)).resolves.toBeDefined();
  });
});
