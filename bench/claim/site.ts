import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { spawnChild } from '../../src/processes/child';
import { runProgram } from '../../src/processes/run-program';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { startDevServer } from '../../src/embedded/temporal-dev-server';
import { startPlatform, type Platform } from './platform';

export const TENANT = 'bench';

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'archivist.js');

/** The embedded defaults, each a process of its own: Temporal on SQLite, PostgreSQL with fsync on, a worker from the build. */
export interface Site {
  readonly client: Client;
  readonly platform: Platform;
  /** The ids of the processes whose processor time counts. */
  readonly pids: {
    readonly server: number;
    readonly worker: number;
    readonly database: number;
    readonly bareWorker: number;
  };
  stop(): Promise<void>;
}

export async function openSite(tell: (line: string) => void): Promise<Site> {
  const folder = await temporaryFolder('archivist-bench-');
  const server = await startDevServer({ dbFilename: join(folder, 'temporal.db'), ui: false, report: tell });
  const postgres = await startEmbeddedPostgres({ directory: join(folder, 'ledger') });
  const platform = await startPlatform();
  const config = join(folder, 'archivist.yaml');
  const tenants = { [TENANT]: { baseUrl: platform.url, apiKey: platform.apiKey } };
  // The schedules wait: a sweep or a reconciliation in one round and not in another would blur the figures.
  const settings = {
    tenants,
    ledger: postgres.url,
    store: `file:${join(folder, 'archives')}`,
    reconcile: { every: '1 hour' },
    sweep: { every: '1 hour' },
  };
  await writeFile(config, JSON.stringify(settings), { mode: 0o600 });
  const env = { ...process.env, ARCHIVIST_CONFIG: config, TEMPORAL_ADDRESS: server.address };
  const setup = await runProgram(process.execPath, [BIN, 'setup'], { timeoutMs: 60_000, env });
  if (!setup.ran || !setup.ok) throw new Error(`archivist setup: ${setup.ran ? setup.output : setup.why}`);
  const worker = await spawnChild(process.execPath, [BIN, 'worker'], { env });
  const bare = await spawnChild(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'bare-worker.ts'), server.address],
    { env, cwd: ROOT },
  );
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  return {
    client,
    platform,
    pids: { server: server.pid, worker: worker.pid, database: postgres.pid, bareWorker: bare.pid },
    async stop() {
      await connection.close();
      await bare.stop(30_000);
      await worker.stop(30_000);
      await platform.stop();
      await postgres.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
