import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { TASK_QUEUES } from '../domain/task-queues';
import type { TemporalSettings } from '../temporal/connect';

/** What a worker process runs: workflows and short steps, transfers, or both. */
export const ROLES = ['all', 'orchestrator', 'transfer'] as const;
export type Role = (typeof ROLES)[number];

/** How long activities may go on after a shutdown began; then they are cancelled, and Temporal retries them on another worker. */
const GRACE = '20 seconds';

/** How often a transfer's heartbeat goes to Temporal: this bounds the age of its progress and the delay of a cancellation. */
const HEARTBEAT_INTERVAL = '2 seconds';

/** Concurrent short activities. Most of them wait for the platform or the ledger. */
const SHORT_STEPS = 60;

/**
 * Concurrent transfers. Small archives wait for the disk's fsync and hardly use the processor: eight at a time leave it idle.
 * Large ones share the network and the disk, however many there are.
 */
const TRANSFERS = 32;

/**
 * Workflows that are cached in memory between their steps, about 0.3 MB each. An evicted one is replayed, cheap for a claim
 * of 34 events.
 */
const CACHED_WORKFLOWS = 200;

/** Connects and begins to work on the task queues of `role`. */
export async function startWorker(temporal: TemporalSettings, role: Role, activities: object) {
  const connection = await NativeConnection.connect(temporal.connectionOptions);
  const common = {
    connection,
    namespace: temporal.namespace,
    activities,
    shutdownGraceTime: GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    shutdownForceTime: '1 minute',
    ...versioning(),
  } as const;
  const workers: Worker[] = [];
  try {
    for (const tuning of tuningOf(role)) workers.push(await Worker.create({ ...common, ...tuning }));
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
  return {
    /** Resolves when the worker has stopped; rejects if it failed. In either case nothing of it runs any more. */
    stopped: runTogether(workers).finally(() => connection.close()),
    /** Accepts no more work, waits for activities during their grace period, and stops. */
    shutdown: () => shutDown(workers),
  };
}

/**
 * The SDK interrupts a workflow task that runs for longer. On Node.js 20 that can end the process ("async hook stack has become
 * corrupted"), repeatedly: thousands of signals that wait for a worker take seconds, or more on a busy machine. The SDK's types
 * do not show this option.
 */
const LONG_WORKFLOW_TASKS = { isolateExecutionTimeout: '1 minute' };

function tuningOf(role: Role): Omit<WorkerOptions, 'activities'>[] {
  const claims = {
    taskQueue: TASK_QUEUES.claims,
    ...workflowCode(),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    reuseV8Context: true,
    ...LONG_WORKFLOW_TASKS,
    maxConcurrentActivityTaskExecutions: SHORT_STEPS,
  };
  const transfers = { taskQueue: TASK_QUEUES.transfers, maxConcurrentActivityTaskExecutions: TRANSFERS };
  return { all: [claims, transfers], orchestrator: [claims], transfer: [transfers] }[role];
}

/** Made by the build from `src/workflows`. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

/** The workflow code of a worker: the bundle of the build, or the sources if there was no build. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(BUNDLE)
    ? { workflowBundle: { codePath: BUNDLE } }
    : { workflowsPath: join(__dirname, '..', 'workflows') };
}

/**
 * Worker versioning if the deployment names a version, as Temporal's Kubernetes worker controller does. Claims specify themselves
 * that they stay on the version that began them, so that a roll-out cannot change a running claim; all other workflows move to
 * the new version, so that an old one can be stopped when its claims have ended.
 */
function versioning(): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  const { TEMPORAL_DEPLOYMENT_NAME: deploymentName, TEMPORAL_WORKER_BUILD_ID: buildId } = process.env;
  if (!deploymentName || !buildId) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}

type Runnable = Pick<Worker, 'run' | 'shutdown' | 'getState'>;

/**
 * Runs workers until all have stopped. If one fails, the others stop, too: they would begin work that cannot be finished.
 * @throws the first failure, after all have stopped
 */
export async function runTogether(workers: readonly Runnable[]): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } catch (error) {
        failures.push(error);
      }
      shutDown(workers);
    }),
  );
  if (failures.length > 0) throw failures[0];
}

/** Tells running workers to stop. */
export function shutDown(workers: readonly Runnable[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

/**
 * Configures the Temporal SDK's process-wide runtime: it logs to our log, and serves its metrics for Prometheus on
 * `metricsAddress`, `IP:port`, under the names that Temporal's dashboards use.
 */
export function installTelemetry(log: Logger, metricsAddress: string | undefined): void {
  Runtime.install({
    // All lines are forwarded: our log filters by level.
    logger: new DefaultLogger('TRACE', ({ level, message, meta }) => {
      log[INTENDED.has(message) ? 'debug' : LEVELS[level]]({ ...meta }, message);
    }),
    telemetryOptions: {
      // Otherwise the SDK's core writes to the console itself, and blocks if nobody reads that.
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAddress !== undefined && {
        metrics: {
          prometheus: {
            bindAddress: metricsAddress,
            countersTotalSuffix: true,
            unitSuffix: true,
            useSecondsForDurations: true,
          },
        },
      }),
    },
    // The command decides how to stop, not the SDK.
    shutdownSignals: [],
  });
}

/** Warnings of the SDK about what is intended: the task queue of transfers has activities only. */
const INTENDED: ReadonlySet<string> = new Set(['No workflows registered, not polling for workflow tasks']);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
