import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities';
import type { Dependencies } from '../activities/dependencies';
import { createSubscriptionActivities } from '../activities/subscriptions/create-subscription-activities';
import type { SubscriptionDependencies } from '../activities/subscriptions/dependencies';
import { TASK_QUEUES } from '../domain/task-queues';
import { createClient, type TemporalSettings } from '../temporal/connect';
import { claimsOn } from './claims';
import { versioning } from './versioning';
import { workflowCode } from './workflow-code';

/** What a worker process does: decide, move bytes, or both. */
export const ROLES = ['all', 'orchestrator', 'transfer'] as const;
export type Role = (typeof ROLES)[number];

export interface RunningWorker {
  /** Resolves when the worker has stopped; rejects where it failed. */
  readonly stopped: Promise<void>;
  /** Takes no more work, gives activities their grace to end, and stops. */
  shutdown(): void;
}

/** How long activities may go on after a shutdown began; then they are cancelled and another worker takes them over. */
const GRACE = '20 seconds';

/** How often a transfer's heartbeat goes to Temporal: how fresh its progress is, and how soon it hears of a cancellation. */
const HEARTBEAT_INTERVAL = '2 seconds';

/** How many short activities run at a time; most of the time they wait for the platform or the ledger. */
const SHORT_ACTIVITIES = 50;

/** Connects and begins to work on the task queues of `role`. */
export async function startWorker(
  temporal: TemporalSettings,
  role: Role,
  dependencies: Omit<Dependencies, 'claims'> & SubscriptionDependencies,
): Promise<RunningWorker> {
  const connection = await NativeConnection.connect(temporal.connectionOptions);
  const client = createClient(temporal);
  const common = {
    connection,
    namespace: temporal.namespace,
    activities: {
      ...createActivities({ ...dependencies, claims: claimsOn(client) }),
      ...createSubscriptionActivities(dependencies),
    },
    shutdownGraceTime: GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    shutdownForceTime: '1 minute',
    ...versioning(process.env),
  } as const;
  const workers = await Promise.all(tuningOf(role).map((tuning) => Worker.create({ ...common, ...tuning })));
  return {
    stopped: Promise.all(workers.map((worker) => worker.run())).then(async () => {
      await client.connection.close();
      await connection.close();
    }),
    shutdown: () =>
      workers.filter((worker) => worker.getState() === 'RUNNING').forEach((worker) => worker.shutdown()),
  };
}

function tuningOf(role: Role): Pick<WorkerOptions, 'taskQueue'>[] {
  return [...(role === 'transfer' ? [] : [claims()]), ...(role === 'orchestrator' ? [] : [transfers()])];
}

function claims(): Omit<WorkerOptions, 'activities'> {
  return {
    taskQueue: TASK_QUEUES.claims,
    ...workflowCode(),
    maxCachedWorkflows: 500,
    maxConcurrentActivityTaskExecutions: SHORT_ACTIVITIES,
  };
}

/** Each transfer holds a connection and a file; more of them at once share the same network and disk. */
function transfers(): Omit<WorkerOptions, 'activities'> {
  return { taskQueue: TASK_QUEUES.transfers, maxConcurrentActivityTaskExecutions: 8 };
}
