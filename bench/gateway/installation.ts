import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { freePort } from '../../src/processes/free-port';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { startDevServer, type DevServer } from '../../src/embedded/temporal-dev-server';
import { spawnChild, type Child } from '../../src/processes/child';
import { createClient } from '../../src/temporal/connect';
import { startPlatform } from '../claim/platform';

/**
 * A new installation as `archivist up` makes one, each part a process of its own: PostgreSQL (fsync on), the Temporal dev server with
 * its database in a file, the gateway, and, if it is to carry claims out, a worker and a platform with archives.
 */
export interface Installation {
  /** The URL that notifications are sent to. */
  readonly callback: string;
  readonly client: Client;
  /** Ids of new archives: available on the platform if there is one, otherwise made up. */
  createArchives(count: number): Promise<string[]>;
  startTemporal(): Promise<void>;
  stopTemporal(): Promise<void>;
  close(): Promise<void>;
}

const TENANT = 'bench';
const HOST = '127.0.0.1';
const ARCHIVE_BYTES = 1024;
const STARTUP_MS = 60_000;
const STOP_MS = 30_000;

/** Needs the build. */
export async function install({ worker }: { readonly worker: boolean }): Promise<Installation> {
  /** What ends everything, the latest first. */
  const endings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return { ...(await installed(worker, endings)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function installed(
  worker: boolean,
  endings: (() => Promise<unknown>)[],
): Promise<Omit<Installation, 'close'>> {
  const folder = await temporaryFolder('archivist-bench-');
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({ directory: join(folder, 'ledger') });
  endings.push(() => postgres.stop());
  const platform = worker ? await startPlatform() : undefined;
  if (platform) endings.push(() => platform.stop());
  const temporalPort = await freePort(HOST);
  let temporal: DevServer | undefined;
  const startTemporal = async (): Promise<void> => {
    temporal = await startDevServer({
      dbFilename: join(folder, 'temporal.db'),
      port: temporalPort,
      ui: false,
    });
  };
  await startTemporal();
  endings.push(async () => temporal?.stop());
  const address = `${HOST}:${temporalPort}`;
  const client = createClient({ connectionOptions: { address }, namespace: 'default' });
  endings.push(() => client.connection.close());

  const port = await freePort(HOST);
  const secret = randomBytes(24).toString('hex');
  const config = join(folder, 'archivist.yaml');
  const tenant = platform
    ? { baseUrl: platform.url, apiKey: platform.apiKey }
    : { baseUrl: 'http://127.0.0.1:9', apiKey: 'none' };
  await writeFile(
    config,
    stringify({
      tenants: { [TENANT]: { ...tenant, callbackSecrets: [secret] } },
      ledger: postgres.url,
      gateway: { host: HOST, port },
      // Only notifications start claims.
      reconcile: { every: '30 days' },
      sweep: { every: '30 days' },
    }),
  );
  const run = (...command: string[]) => runCommand(command, config, address);
  await ended(await run('setup'));
  for (const command of worker ? ['gateway', 'worker'] : ['gateway']) {
    const child = await run(command, '--json');
    endings.push(() => child.stop(STOP_MS));
    await ready(command, child);
  }
  let made = 0;
  return {
    callback: `http://${HOST}:${port}/callbacks/flexperto/${secret}`,
    client,
    async createArchives(count) {
      if (platform) return await platform.createArchives(count, ARCHIVE_BYTES);
      return Array.from({ length: count }, () => `archive-${(made += 1)}`);
    },
    startTemporal,
    stopTemporal: async () => temporal?.stop(),
  };
}

async function runCommand(command: readonly string[], config: string, temporal: string): Promise<Child> {
  const archivist = join(__dirname, '..', '..', 'bin', 'archivist.js');
  const env = { ...process.env, TEMPORAL_ADDRESS: temporal, ARCHIVIST_LOG_LEVEL: 'warn' };
  return await spawnChild(process.execPath, [archivist, ...command, '--config', config], {
    env,
    watchesParent: true,
  });
}

async function ended(child: Child): Promise<void> {
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`archivist setup failed:\n${child.tail()}`);
}

async function ready(command: string, child: Child): Promise<void> {
  const limit = Date.now() + STARTUP_MS;
  const exited = child.exited.then(() => true);
  while (!child.tail().includes('"event":"ready"')) {
    const hasEnded = await Promise.race([exited, pause(100, false)]);
    if (hasEnded || Date.now() > limit)
      throw new Error(`archivist ${command} is not ready:\n${child.tail()}`);
  }
}
