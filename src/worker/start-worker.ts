import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { TASK_QUEUES } from '../domain/task-queues';
import type { TemporalSettings } from '../temporal/connect';
import { runTogether, shutDown } from './run-together';
import { versioning } from './versioning';
import { workflowCode } from './workflow-code';

/** What a worker process does: decide, move bytes, or both. */
export const ROLES = ['all', 'orchestrator', 'transfer'] as const;
export type Role = (typeof ROLES)[number];

export interface RunningWorker {
  /** Resolves when the worker has stopped; rejects if it failed. Nothing of it runs any more in either case. */
  readonly stopped: Promise<void>;
  /** Takes no more work, gives activities their grace to end, and stops. */
  shutdown(): void;
}

/** How long activities may go on after a shutdown began; then they are cancelled and another worker takes them over. */
const GRACE = '20 seconds';

/** How often a transfer's heartbeat goes to Temporal: how fresh its progress is, and how soon it hears of a cancellation. */
const HEARTBEAT_INTERVAL = '2 seconds';

/** Short activities at a time. Most of them wait for the platform or the ledger. */
const SHORT_STEPS = 60;

/**
 * Transfers at a time. Small archives wait for the disk's fsync and hardly use the processor, so that eight slots leave it idle.
 * Large ones share the network and the disk, however many there are.
 */
export const TRANSFERS = 32;

/**
 * Workflows that are kept in memory between their steps, about 0.3 MB each. An evicted one is replayed, which costs a claim of 34
 * events little.
 */
const CACHED_WORKFLOWS = 200;

/** Connects and begins to work on the task queues of `role`. */
export async function startWorker(
  temporal: TemporalSettings,
  role: Role,
  activities: object,
): Promise<RunningWorker> {
  const connection = await NativeConnection.connect(temporal.connectionOptions);
  const common = {
    connection,
    namespace: temporal.namespace,
    activities,
    shutdownGraceTime: GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    shutdownForceTime: '1 minute',
    ...versioning(process.env),
  } as const;
  const workers: Worker[] = [];
  try {
    for (const tuning of tuningOf(role)) workers.push(await Worker.create({ ...common, ...tuning }));
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
  return {
    stopped: runTogether(workers).finally(() => connection.close()),
    shutdown: () => shutDown(workers),
  };
}

function tuningOf(role: Role): Omit<WorkerOptions, 'activities'>[] {
  return [...(role === 'transfer' ? [] : [claims()]), ...(role === 'orchestrator' ? [] : [transfers()])];
}

/**
 * The SDK interrupts a workflow task that computes for longer. On Node.js 20 that can end the process ("async hook stack has become
 * corrupted"), again and again: thousands of signals that wait for a worker take seconds, or more on a busy machine. The SDK's types
 * do not show this option.
 */
const LONG_WORKFLOW_TASKS = { isolateExecutionTimeout: '1 minute' };

function claims(): Omit<WorkerOptions, 'activities'> {
  return {
    taskQueue: TASK_QUEUES.claims,
    ...workflowCode(),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    reuseV8Context: true,
    ...LONG_WORKFLOW_TASKS,
    maxConcurrentActivityTaskExecutions: SHORT_STEPS,
  };
}

function transfers(): Omit<WorkerOptions, 'activities'> {
  return { taskQueue: TASK_QUEUES.transfers, maxConcurrentActivityTaskExecutions: TRANSFERS };
}
