import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../src/embedded/free-port';

export interface TestPostgres {
  readonly url: string;
  /** Makes a database that nobody else uses. @returns its URL */
  createDatabase(): Promise<string>;
  close(): Promise<void>;
}

const STARTUP_MS = 20_000;

/** Whether {@link startPostgres} can start one: tests decide before they run whether they are skipped. */
export function hasPostgres(): boolean {
  return process.env['ARCHIVIST_TEST_POSTGRES_URL'] !== undefined || findBinaries() !== undefined;
}

/**
 * The server at `ARCHIVIST_TEST_POSTGRES_URL`, where that is set; else a server of its own, in a temporary directory,
 * from the `initdb` and `postgres` on the PATH or in Debian's place. Undefined where there is neither.
 */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const given = process.env['ARCHIVIST_TEST_POSTGRES_URL'];
  if (given !== undefined) return testPostgres(given, () => Promise.resolve());
  const binaries = findBinaries();
  if (binaries === undefined) return undefined;

  const password = randomBytes(12).toString('hex');
  const cluster = createCluster(binaries, password);
  const port = await freePort('127.0.0.1');
  const server = spawn(path.join(binaries, 'postgres'), serverArguments(cluster.directory, port), {
    ...cluster.owner,
    cwd: cluster.directory,
    stdio: 'ignore',
  });
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  const close = async () => {
    process.off('exit', kill);
    await stop(server);
    rmSync(cluster.directory, { recursive: true, force: true });
  };
  const url = `postgres://archivist:${password}@127.0.0.1:${port}/postgres`;
  try {
    await untilReady(url, server);
  } catch (error) {
    await close();
    throw error;
  }
  return testPostgres(url, close);
}

function testPostgres(url: string, close: () => Promise<void>): TestPostgres {
  return {
    url,
    close,
    async createDatabase() {
      const name = `archivist_${randomUUID().replaceAll('-', '')}`;
      await withClient(url, (client) =>
        client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`),
      );
      const fresh = new URL(url);
      fresh.pathname = `/${name}`;
      return fresh.href;
    },
  };
}

export function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    ...versions.map((version) => path.join(debian, version, 'bin')),
  ];
  return candidates.find((directory) =>
    ['initdb', 'postgres'].every((name) => directory !== '' && existsSync(path.join(directory, name))),
  );
}

export function createCluster(binaries: string, password: string) {
  const directory = mkdtempSync(path.join(tmpdir(), 'archivist-postgres-'));
  const owner = serverOwner();
  const passwordFile = path.join(directory, '.password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    chownSync(directory, owner.uid, owner.gid);
    chownSync(passwordFile, owner.uid, owner.gid);
  }
  const cluster = path.join(directory, 'cluster');
  execFileSync(
    path.join(binaries, 'initdb'),
    [
      '-D',
      cluster,
      '-U',
      'archivist',
      `--pwfile=${passwordFile}`,
      '-A',
      'scram-sha-256',
      '--no-sync',
      '-N',
    ].concat(['--encoding=UTF8', '--locale=C']),
    { ...owner, cwd: directory, stdio: 'ignore' },
  );
  return { directory, owner };
}

/** PostgreSQL refuses to run as root. */
function serverOwner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export function serverArguments(directory: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    // Only the server's own death would show the difference.
    fsync: 'off',
    full_page_writes: 'off',
    // All test files at once, with all their processes.
    max_connections: 300,
  };
  return [
    '-D',
    path.join(directory, 'cluster'),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

export async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + STARTUP_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode} while it started`);
    try {
      await withClient(url, (client) => client.query('SELECT 1'));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  // Fast shutdown: whoever is still connected is cut off.
  server.kill('SIGINT');
  await ended;
}
