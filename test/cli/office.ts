import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { openPostgres } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/migrate';
import { startClaim } from '../../src/temporal/start-claim';
import { createDatabase } from '../support/postgres';
import { startTemporal } from '../support/temporal';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { Scripts, type Script } from '../workflows/script';
import { printed } from './printed';

/** Commands on a real Temporal server, with claims whose activities are scripted, and a ledger that is nobody else's. */
export interface Office {
  readonly client: Client;
  /** Starts a claim that runs by `script`. */
  claim(script?: Script): Promise<ArchiveKey>;
  callsOf(key: ArchiveKey): readonly string[];
  /** Runs a command. @returns what it printed, read as JSON. @throws what would end it with another exit code than 0 */
  run(...args: readonly string[]): Promise<unknown>;
  /** Opens the ledger for `work`, as commands do for themselves. */
  inLedger<Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export const TENANT = parseTenantId('acme');

export async function openOffice(): Promise<Office> {
  quietSdk();
  const folder = await mkdtemp(join(tmpdir(), 'archivist-office-'));
  const temporal = await startTemporal();
  const client = new Client({ connection: Connection.lazy({ address: temporal.address }) });
  const scripts = new Scripts();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const common = { connection, activities: scripts.activities() };
  const workflowBundle = await bundleWorkflows();
  const workers = [
    await Worker.create({ ...common, taskQueue: TASK_QUEUES.claims, workflowBundle }),
    await Worker.create({ ...common, taskQueue: TASK_QUEUES.transfers }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const url = await createDatabase();
  const config = await writeConfig(folder, url);
  const environment = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
    ARCHIVIST_CONFIG: config,
  };
  let count = 0;
  const inLedger: Office['inLedger'] = async (work) => {
    const database = openPostgres(url);
    try {
      await migrate(database);
      return await work(createLedger(database));
    } finally {
      await database.close();
    }
  };
  await inLedger(() => Promise.resolve());
  return {
    client,
    async claim(script = {}) {
      const key = { tenant: TENANT, archiveId: parseArchiveId(`archive-${++count}`) };
      scripts.set(key.archiveId, script);
      await startClaim(client, key);
      return key;
    },
    callsOf: ({ archiveId }) => scripts.callsOf(archiveId),
    run: (...args) => runHere(args, environment),
    inLedger,
    async close() {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await connection.close();
      await client.connection.close();
      await temporal.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function writeConfig(folder: string, ledger: string): Promise<string> {
  const file = join(folder, 'archivist.yaml');
  const tenants = { [TENANT]: { baseUrl: 'https://acme.live.flexperto.com', apiKey: 'a-key' } };
  await writeFile(file, JSON.stringify({ tenants, ledger }));
  // In place of the one that a person may have at home.
  await writeFile(join(folder, 'temporal.toml'), '[profile.default]\n');
  return file;
}

async function runHere(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  return JSON.parse(await printed([...args, '--json'], environment));
}
