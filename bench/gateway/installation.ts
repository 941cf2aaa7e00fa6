import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { spawnBound } from '../../src/embedded/bound-child';
import { freePort } from '../../src/embedded/free-port';
import { startDevServer, type DevServer } from '../../src/embedded/temporal-dev-server';
import { createClient } from '../../src/temporal/connect';
import { startPlatform } from '../claim/platform';

/** A first installation of `archivist up`, with Temporal in a process that can be stopped, and a platform with archives. */
export interface Installation {
  /** Where notifications go to. */
  readonly callback: string;
  readonly client: Client;
  createArchives(count: number): Promise<string[]>;
  startTemporal(): Promise<void>;
  stopTemporal(): Promise<void>;
  close(): Promise<void>;
}

export const TENANT = 'bench';
const HOST = '127.0.0.1';
const ARCHIVE_BYTES = 1024;
const STARTUP_MS = 60_000;
const STOP_MS = 60_000;

/** Needs the build. The gateway is the one of `archivist up`; its Temporal is started as `up` does. */
export async function install(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-bench-'));
  const [port, temporalPort] = [await freePort(HOST), await freePort(HOST)];
  const secret = randomBytes(24).toString('hex');
  const platform = await startPlatform();
  const config = join(folder, 'archivist.yaml');
  await writeFile(
    config,
    stringify({
      tenants: { [TENANT]: { baseUrl: platform.url, apiKey: platform.apiKey, callbackSecrets: [secret] } },
      gateway: { host: HOST, port },
      // Nothing is claimed that was not announced.
      reconcile: { every: '30 days' },
    }),
  );
  let temporal: DevServer | undefined;
  const startTemporal = async (): Promise<void> => {
    temporal = await startDevServer({
      dbFilename: join(folder, 'data', 'temporal.db'),
      port: temporalPort,
      ui: false,
    });
  };
  await startTemporal();
  const up = await startUp(config, `${HOST}:${temporalPort}`);
  await ready(up);
  const client = createClient({
    connectionOptions: { address: `${HOST}:${temporalPort}` },
    namespace: 'default',
  });
  return {
    callback: `http://${HOST}:${port}/callbacks/flexperto/${secret}`,
    client,
    createArchives: (count) => platform.createArchives(count, ARCHIVE_BYTES),
    startTemporal,
    stopTemporal: async () => temporal?.close(),
    async close() {
      await up.stop(STOP_MS);
      await client.connection.close();
      await temporal?.close();
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Child = Awaited<ReturnType<typeof spawnBound>>;

async function startUp(config: string, temporal: string): Promise<Child> {
  const command = join(__dirname, '..', '..', 'bin', 'archivist.js');
  const env = { ...process.env, TEMPORAL_ADDRESS: temporal, ARCHIVIST_LOG_LEVEL: 'warn' };
  return await spawnBound(process.execPath, [command, 'up', '--json', '--config', config], { env });
}

/** When the worker works, too: until then it keeps the process busy that the gateway is in. */
async function ready(up: Child): Promise<void> {
  const limit = Date.now() + STARTUP_MS;
  while (!up.tail().includes('"event":"ready"')) {
    if (Date.now() > limit) throw new Error(`archivist up is not ready:\n${up.tail()}`);
    await pause(100);
  }
}
