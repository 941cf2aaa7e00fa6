import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, type Activities } from '../../src/activities/create-activities';
import type { Dependencies } from '../../src/activities/dependencies';
import { parseConfig } from '../../src/config/load-config';
import { claimWorkflowId, parseConferenceId, type ArchiveKey } from '../../src/domain/ids';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { createPlatforms } from '../../src/platform/create-platform';
import type { ArchivesSpec, Simulator } from '../../src/simulator';
import type { claimArchive } from '../../src/workflows';
import { openActivitySite, TENANT, type ActivitySite } from '../activities/activity-site';
import { startTestServer, testTemporal } from '../support/temporal';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { watched } from './watched-abandons';
import { written, type StepFailure } from './written-failures';

/** A claim of an archive whose platform, network or store has something wrong with it. */
export interface FaultyClaim {
  readonly key: ArchiveKey;
  readonly conferenceId: string;
  readonly handle: WorkflowHandle<typeof claimArchive>;
  /** What its steps failed with until now, in order. */
  readonly failures: readonly StepFailure[];
}

/** The real workflow and the real activities, against the simulator; usually on a server that skips the time of every pause. */
export interface FaultSite extends Pick<ActivitySite, 'simulator' | 'ledger'> {
  /** Makes an archive and claims it. */
  claim(spec: ArchivesSpec): Promise<FaultyClaim>;
  /** Claims an archive that is there. */
  begin(key: ArchiveKey, conferenceId: string): Promise<FaultyClaim>;
  bagOf(key: ArchiveKey): string;
  /** What was wrong with a bag at the moment when its archive was abandoned. */
  readonly unsafeAbandons: readonly string[];
  /** Lets time pass: at once if the server skips it. */
  sleep(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface Circumstances {
  /** On a real server. The one that skips time now and then forgets a try that it gave out: many tries take too long there. */
  readonly isInRealTime?: boolean;
  /** Milliseconds from the start of each claim to its deadline. */
  readonly deadlineMs?: number;
  readonly settings?: Partial<Dependencies['settings']>;
  /** Takes the place of the site's store. */
  readonly store?: Dependencies['store'];
  /** Milliseconds without a byte until a connection counts as stalled. */
  readonly stalledAfterMs?: number;
  /** Where the platform is reached, given where it is. */
  readonly reach?: (url: string) => Promise<string>;
}

export async function openFaultSite({
  isInRealTime = false,
  deadlineMs,
  settings = {},
  stalledAfterMs = 60_000,
  reach = (url) => Promise.resolve(url),
  ...other
}: Circumstances = {}): Promise<FaultSite> {
  quietSdk();
  const [site, server] = await Promise.all([
    openActivitySite(),
    isInRealTime ? realServer() : timeSkippingServer(),
  ]);
  const { simulator, ledger } = site;
  const store = other.store ?? site.store;
  const root = fileURLToPath(store.url);
  const bagOf = ({ tenant, archiveId }: ArchiveKey) => join(root, tenant, archiveId);

  const platforms = createPlatforms(tenantsOf(simulator, await reach(simulator.url)), { stalledAfterMs });
  const unsafeAbandons: string[] = [];
  const failures = new Map<string, StepFailure[]>();
  const dependencies = {
    ...site,
    store,
    settings: { ...site.settings, ...settings },
    // Long enough for a busy machine: a lease that is over is a failure of its own.
    abandonTimes: { leaseMs: 12_000, answerMs: 1_000 },
  };
  const platformOf = watched(platforms.platformOf, simulator, bagOf, unsafeAbandons);
  const activities = written(createActivities({ ...dependencies, platformOf }), failures);
  const stopWorkers = await startWorkers(server, activities);

  async function begin(key: ArchiveKey, conferenceId: string): Promise<FaultyClaim> {
    const seen: StepFailure[] = [];
    failures.set(key.archiveId, seen);
    const handle = await server.client.workflow.start<typeof claimArchive>('claimArchive', {
      args: [deadlineMs === undefined ? key : { ...key, deadlineMs }],
      taskQueue: TASK_QUEUES.claims,
      workflowId: claimWorkflowId(key),
    });
    return { key, conferenceId, handle, failures: seen };
  }
  return {
    simulator,
    ledger,
    unsafeAbandons,
    bagOf,
    async claim(spec) {
      const key = await site.archive(spec);
      const { conferenceId } = await simulator.archive(key.archiveId);
      // As the platform's list would: a 404 is not taken for an archive that there never was.
      await ledger.noteShown(key, {
        status: 'PROCESSING',
        conferenceId: parseConferenceId(conferenceId),
      });
      return await begin(key, conferenceId);
    },
    begin,
    sleep: (ms) => server.sleep(ms),
    async close() {
      await stopWorkers();
      await server.close();
      await platforms.close();
      await site.close();
    },
  };
}

interface TemporalServer extends Pick<FaultSite, 'sleep' | 'close'> {
  readonly client: Client;
  readonly connection: NativeConnection;
}

async function timeSkippingServer(): Promise<TemporalServer> {
  const environment = await startTestServer();
  const { client, nativeConnection: connection } = environment;
  return { client, connection, sleep: (ms) => environment.sleep(ms), close: () => environment.teardown() };
}

async function realServer(): Promise<TemporalServer> {
  const { address, client, close } = await testTemporal();
  const connection = await NativeConnection.connect({ address });
  return { client, connection, sleep: (ms) => pause(ms), close: () => connection.close().then(close) };
}

/** @returns how to stop them */
async function startWorkers(
  { client, connection }: TemporalServer,
  activities: Activities,
): Promise<() => Promise<void>> {
  const { namespace } = client.options;
  const common = { connection, namespace, activities, maxHeartbeatThrottleInterval: '100 ms' } as const;
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.claims,
      workflowBundle: await bundleWorkflows(),
    }),
    await Worker.create({ ...common, taskQueue: TASK_QUEUES.transfers }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    workers.forEach((worker) => worker.shutdown());
    await running;
  };
}

function tenantsOf({ apiKey }: Simulator, baseUrl: string) {
  const tenants = { [TENANT]: { baseUrl, apiKey } };
  return parseConfig(JSON.stringify({ tenants }), '/srv/archivist.yaml', {}).tenants;
}
