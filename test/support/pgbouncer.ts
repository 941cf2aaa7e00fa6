import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../src/processes/free-port';
import { spawnChild } from '../../src/processes/child';

/** Debian's `pgbouncer`; undefined where it is not installed. */
export const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(
  (file) => existsSync(file),
);

/** Any user that is not root, which PgBouncer refuses. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** A PgBouncer that gives each transaction any of a few connections. */
export interface PgBouncer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one before the server of `url`, with as many connections for each database. */
export async function startPgBouncer(
  url: string,
  { connections = 3 }: { readonly connections?: number } = {},
): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password, pathname } = new URL(url);
  const folder = await mkdtemp(path.join(tmpdir(), 'archivist-pgbouncer-'));
  const file = path.join(folder, 'pgbouncer.ini');
  const port = await freePort('127.0.0.1');
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`,
    '[pgbouncer]',
    ...['listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = any'],
    ...['pool_mode = transaction', `default_pool_size = ${connections}`, 'max_client_conn = 1000'],
  ];
  await writeFile(file, lines.join('\n'));
  const isRoot = process.getuid?.() === 0;
  for (const [place, mode] of [
    [folder, 0o755],
    [file, 0o644],
  ] as const)
    await chmod(place, mode);
  const child = await spawnChild(PGBOUNCER ?? '', [file], {
    env: {},
    cwd: '/',
    stopSignal: 'SIGINT',
    account: isRoot ? NOBODY : undefined,
  });
  const pooled = `postgres://${username}@127.0.0.1:${port}${pathname}`;
  await untilServing(pooled, child.tail);
  return {
    url: pooled,
    stop: async () => {
      await child.stop(0);
      await rm(folder, { recursive: true });
    },
  };
}

async function untilServing(url: string, tail: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`PgBouncer does not serve: ${tail()}`);
}
