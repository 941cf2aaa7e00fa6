import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { freePort } from '../../src/processes/free-port';
import { startDevServer } from '../../src/embedded/temporal-dev-server';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { spawnChild } from '../../src/processes/child';
import { startPostgres } from '../../test/support/postgres';

/** A tenant for each length of list, a platform that gives it, and a Temporal dev server. The worker is the build's, in a process of its own. */
export interface Installation {
  readonly client: Client;
  /** The address of the list of so many records. */
  listUrl(records: number): string;
  /** Changes the ledger, while no worker runs. */
  inLedger(work: (database: Database) => Promise<void>): Promise<void>;
  /** Starts a new worker, has it at rest, and gives its process id to `work`. */
  withWorker<Result>(work: (pid: number) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const BIN = join(__dirname, '..', '..', 'bin', 'archivist.js');
const STARTUP_MS = 60_000;
/** Milliseconds after which what the start has left in memory is settled. */
const REST_MS = 5_000;

export function tenantOf(records: number): string {
  return `listing-${records}`;
}

export async function install(sizes: readonly number[]): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'archivist-bench-'));
  const port = await freePort(HOST);
  const list = await spawnChild(
    process.execPath,
    [...process.execArgv, require.resolve('./list-server'), String(port)],
    { env: process.env },
  );
  const temporal = await startDevServer({ ui: false });
  const postgres = await startPostgres();
  const ledger = await postgres.createDatabase();
  const platform = `http://${HOST}:${port}`;
  const config = await writeConfig(folder, ledger, platform, sizes);
  const connection = await Connection.connect({ address: temporal.address });
  const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address, ARCHIVIST_LOG_LEVEL: 'warn' };
  await run(['setup', '--config', config], env);
  return {
    client: new Client({ connection }),
    listUrl: (records) => `${platform}/list/${records}`,
    async inLedger(work) {
      const database = openPostgres(ledger);
      try {
        await migrate(database);
        await work(database);
      } finally {
        await database.close();
      }
    },
    async withWorker(work) {
      const worker = await spawnChild(process.execPath, [BIN, 'worker', '--json', '--config', config], {
        env,
      });
      try {
        await untilSaid(worker.tail, '"event":"ready"');
        await pause(REST_MS);
        return await work(worker.pid);
      } finally {
        await worker.stop(STARTUP_MS);
      }
    },
    async close() {
      await connection.close();
      await postgres.close();
      await temporal.stop();
      await list.stop(5_000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = await spawnChild(process.execPath, [BIN, ...args], { env });
  await child.exited;
}

async function untilSaid(tail: () => string, what: string): Promise<void> {
  const limit = Date.now() + STARTUP_MS;
  while (!tail().includes(what)) {
    if (Date.now() > limit) throw new Error(`The worker is not ready:\n${tail()}`);
    await pause(100);
  }
}

async function writeConfig(
  folder: string,
  ledger: string,
  baseUrl: string,
  sizes: readonly number[],
): Promise<string> {
  const file = join(folder, 'archivist.yaml');
  const tenants = sizes.map((records) => {
    const endpoints = { list: `/list/${records}`, record: '/record/{archiveId}' };
    return [tenantOf(records), { baseUrl, apiPrefix: '', apiKey: 'bench', endpoints }];
  });
  const settings = {
    tenants: Object.fromEntries(tenants) as object,
    gateway: { host: HOST, port: 0 },
    ledger,
    reconcile: { every: '30 days' },
    sweep: { every: '30 days' },
  };
  await writeFile(file, stringify(settings));
  return file;
}
