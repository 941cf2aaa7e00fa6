import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { spawnBound } from '../../src/embedded/bound-child';
import { freePort } from '../../src/embedded/free-port';
import { temporaryFolder } from '../../src/embedded/postgres/account';
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
  /** What ends everything, the latest first. */
  const endings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return { ...(await installed(endings)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function installed(endings: (() => Promise<unknown>)[]): Promise<Omit<Installation, 'close'>> {
  const folder = await temporaryFolder('archivist-bench-');
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const platform = await startPlatform();
  endings.push(() => platform.stop());
  const temporalPort = await freePort(HOST);
  let temporal: DevServer | undefined;
  const startTemporal = async (): Promise<void> => {
    const dbFilename = join(folder, 'temporal', 'temporal.db');
    temporal = await startDevServer({ dbFilename, port: temporalPort, ui: false });
  };
  await startTemporal();
  endings.push(async () => temporal?.close());
  const connectionOptions = { address: `${HOST}:${temporalPort}` };
  const client = createClient({ connectionOptions, namespace: 'default' });
  endings.push(() => client.connection.close());

  // Last, so that none of the others takes it.
  const port = await freePort(HOST);
  const secret = randomBytes(24).toString('hex');
  const config = join(folder, 'archivist.yaml');
  await writeFile(config, stringify(configOf(platform, port, secret)));
  const up = await startUp(config, connectionOptions.address);
  endings.push(() => up.stop(STOP_MS));
  await ready(up);
  return {
    callback: `http://${HOST}:${port}/callbacks/flexperto/${secret}`,
    client,
    createArchives: (count) => platform.createArchives(count, ARCHIVE_BYTES),
    startTemporal,
    stopTemporal: async () => temporal?.close(),
  };
}

function configOf(
  platform: { readonly url: string; readonly apiKey: string },
  port: number,
  secret: string,
): object {
  return {
    tenants: { [TENANT]: { baseUrl: platform.url, apiKey: platform.apiKey, callbackSecrets: [secret] } },
    gateway: { host: HOST, port },
    // Nothing is claimed that was not announced.
    reconcile: { every: '30 days' },
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
  const ended = up.exited.then(() => true);
  while (!up.tail().includes('"event":"ready"')) {
    const hasEnded = await Promise.race([ended, pause(100, false)]);
    if (hasEnded || Date.now() > limit) throw new Error(`archivist up is not ready:\n${up.tail()}`);
  }
}
