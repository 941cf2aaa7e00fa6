import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import {
  createSubscriptionActivities,
  type SubscriptionActivities,
} from '../../../src/activities/create-activities';
import { parseConfig } from '../../../src/config/load-config';
import { TASK_QUEUES } from '../../../src/domain/task-queues';
import { freePort } from '../../../src/processes/free-port';
import { createMetrics } from '../../../src/gateway/metrics';
import { startGateway } from '../../../src/gateway/server';
import { createLedger, type Ledger } from '../../../src/ledger/ledger';
import { migrate } from '../../../src/ledger/schema';
import { openPostgres } from '../../../src/ledger/postgres';
import { createPlatforms } from '../../../src/platform/create-platform';
import { startSimulator, type Simulator } from '../../../src/simulator';
import { createDatabase } from '../../support/postgres';
import { testTemporal } from '../../support/temporal';
import { bundleWorkflows, quietSdk } from '../../support/workflow-code';
import { Scripts } from '../../workflows/script';
import { faulty, type FaultPoint } from './faulty';

/** A gateway, a worker, a ledger and Temporal, with a platform of its own for each tenant. */
export interface Installation {
  readonly client: Client;
  readonly ledger: Ledger;
  /** The environment in which commands find it. */
  readonly environment: NodeJS.ProcessEnv;
  platform(tenant: string): Simulator;
  /** Has the tenant's next rotation cut off at one place, once. */
  arm(tenant: string, point: FaultPoint): void;
  isArmed(tenant: string): boolean;
  /** Where callbacks begin; their secrets come after it. */
  readonly callbacks: string;
  close(): Promise<void>;
}

export async function install(tenants: readonly string[]): Promise<Installation> {
  quietSdk();
  const folder = await mkdtemp(join(tmpdir(), 'archivist-rotation-'));
  const temporal = await testTemporal();
  const { client } = temporal;
  const simulators = new Map<string, Simulator>();
  for (const tenant of tenants) simulators.set(tenant, await startSimulator({ tenant }));
  const url = await createDatabase();
  const config = await configure(folder, simulators, url);
  const database = openPostgres(url);
  await migrate(database);
  const ledger = createLedger(database);
  const log = pino({ level: 'silent' });
  const metrics = createMetrics();
  const gateway = await startGateway({ config, client, ledger, metrics, log, secretsRefresh: 200 });
  const platforms = createPlatforms(config.tenants);
  const connection = await NativeConnection.connect({ address: temporal.address });
  const armed = new Map<string, FaultPoint>();
  const strikes = (tenant: string) => (when: FaultPoint[0], call: string) => {
    const [itsWhen, itsCall] = armed.get(tenant) ?? [];
    return itsWhen === when && itsCall === call && armed.delete(tenant);
  };
  const activities = ofEachTenant(tenants, (tenant) =>
    createSubscriptionActivities({
      platformOf: (name) => faulty(platforms.platformOf(name), strikes(tenant)),
      ledger: faulty(ledger, strikes(tenant)),
      callbacks: { publicUrl: config.gateway.publicUrl, tenants: config.tenants },
    }),
  );
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: TASK_QUEUES.claims,
    workflowBundle: await bundleWorkflows(),
    activities: { ...new Scripts().activities(), ...activities },
  });
  const running = worker.run();
  return {
    client,
    ledger,
    environment: {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
      ARCHIVIST_CONFIG: join(folder, 'archivist.yaml'),
    },
    platform(tenant) {
      const found = simulators.get(tenant);
      if (found) return found;
      throw new Error(`There is no platform of ${tenant}.`);
    },
    arm: (tenant, point) => void armed.set(tenant, point),
    isArmed: (tenant) => armed.has(tenant),
    callbacks: `${gateway.url}/callbacks/flexperto`,
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await platforms.close();
      await Promise.all([...simulators.values()].map((simulator) => simulator.close()));
      await gateway.close();
      await ledger.close();
      await temporal.close();
      await rm(folder, { recursive: true });
    },
  };
}

type AnyActivities = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** Activities that are another's for each tenant, the first thing that they are given. */
function ofEachTenant(
  tenants: readonly string[],
  create: (tenant: string) => SubscriptionActivities,
): AnyActivities {
  const each = new Map(
    tenants.map((tenant) => [tenant, create(tenant) as unknown as AnyActivities] as const),
  );
  const names = Object.keys([...each.values()][0] ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...args: unknown[]) => each.get(String(args[0]))?.[name]?.(...args) ?? Promise.reject(new Error(name)),
    ]),
  );
}

async function configure(folder: string, simulators: ReadonlyMap<string, Simulator>, ledger: string) {
  const port = await freePort('127.0.0.1');
  const tenants = Object.fromEntries(
    [...simulators].map(([tenant, { url, apiKey }]) => [tenant, { baseUrl: url, apiKey }]),
  );
  const gateway = { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` };
  const text = JSON.stringify({ tenants, gateway, ledger });
  const file = join(folder, 'archivist.yaml');
  await writeFile(file, text);
  // In place of the one that a person may have at home.
  await writeFile(join(folder, 'temporal.toml'), '[profile.default]\n');
  return parseConfig(text, file, {});
}
