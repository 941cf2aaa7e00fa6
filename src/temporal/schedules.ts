import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { reconcileId, sweepId, type TenantId } from '../domain/ids';
import { RECONCILE_TENANT, type ReconcileInput } from '../domain/reconciliation';
import { searchAttributesOf } from '../domain/search-attributes';
import { rotationWorkflowId, ROTATE_CALLBACK, type SubscriptionsInput } from '../domain/subscriptions';
import { SWEEP_COPIES, type SweepInput } from '../domain/sweep';
import { TASK_QUEUES } from '../domain/task-queues';

/** What of the configuration decides on them. Times are milliseconds. */
interface Terms {
  readonly tenants: ReadonlyMap<TenantId, unknown>;
  readonly reconcile: { readonly every: number };
  readonly sweep: { readonly every: number };
  readonly callbackRotation?: { readonly every: number; readonly overlap: number } | undefined;
}

/** A schedule of ours, as it should be. */
type Schedule = Omit<ScheduleOptions, 'memo'> & { readonly action: { readonly workflowType: string } };

/** Tells our schedules from those of others that may have the same form of id. */
const MEMO = { madeBy: 'archivist' };

/** Milliseconds: the tenants' platforms are not all asked at once. */
const LONGEST_JITTER = 30_000;
/** Milliseconds: what Temporal takes as the shortest. */
const SHORTEST_CATCHUP = 10_000;
/** A rotation that was due while Temporal was down is made up for within this time. */
const ROTATION_CATCHUP = '7 days';

/**
 * Makes the schedules what the configuration says: for each tenant one that reconciles, one that sweeps, and, if callbacks are rotated,
 * one that rotates; and none of ours besides. May be repeated: what is there is brought up to date, and stays paused if a person
 * paused it.
 */
export async function keepSchedules(
  client: Client,
  { tenants, reconcile, sweep, callbackRotation }: Terms,
): Promise<void> {
  const wanted = [...tenants.keys()].flatMap((tenant) => [
    reconcileSchedule(tenant, reconcile.every),
    sweepSchedule(tenant, sweep.every),
    ...(callbackRotation ? [rotationSchedule(tenant, callbackRotation)] : []),
  ]);
  for (const schedule of wanted) await keepSchedule(client, schedule);
  const ids = new Set(wanted.map(({ scheduleId }) => scheduleId));
  for await (const { scheduleId, memo } of client.schedule.list()) {
    if (memo?.['madeBy'] === MEMO.madeBy && !ids.has(scheduleId)) await removeSchedule(client, scheduleId);
  }
}

function reconcileSchedule(tenant: TenantId, every: number): Schedule {
  const input: ReconcileInput = { tenant };
  return {
    ...repeated(reconcileId(tenant), every),
    action: {
      ...startOf(tenant, RECONCILE_TENANT, reconcileId(tenant), input),
      staticSummary: `Reconcile the archives of ${tenant}`,
    },
  };
}

function sweepSchedule(tenant: TenantId, every: number): Schedule {
  const input: SweepInput = { tenant };
  return {
    ...repeated(sweepId(tenant), every),
    action: {
      ...startOf(tenant, SWEEP_COPIES, sweepId(tenant), input),
      staticSummary: `Sweep the copies of ${tenant}`,
    },
  };
}

function rotationSchedule(
  tenant: TenantId,
  { every, overlap }: { readonly every: number; readonly overlap: number },
): Schedule {
  const input: SubscriptionsInput = { tenant, pace: { overlapMs: overlap } };
  const id = rotationWorkflowId(tenant);
  return {
    ...repeated(id, every),
    policies: { overlap: 'SKIP', catchupWindow: ROTATION_CATCHUP },
    action: {
      ...startOf(tenant, ROTATE_CALLBACK, id, input),
      staticSummary: `Rotate the callback secret of ${tenant}`,
    },
  };
}

/** One run at a time; after an outage, once and at once. */
function repeated(scheduleId: string, every: number): Omit<Schedule, 'action'> {
  return {
    scheduleId,
    spec: { intervals: [{ every }], jitter: Math.min(every / 10, LONGEST_JITTER) },
    policies: { overlap: 'SKIP', catchupWindow: Math.max(every, SHORTEST_CATCHUP) },
  };
}

function startOf(
  tenant: TenantId,
  workflowType: string,
  workflowId: string,
  input: object,
): Schedule['action'] {
  return {
    type: 'startWorkflow',
    workflowType,
    workflowId,
    args: [input],
    taskQueue: TASK_QUEUES.claims,
    typedSearchAttributes: searchAttributesOf({ tenant }),
  };
}

async function keepSchedule(client: Client, schedule: Schedule): Promise<void> {
  try {
    await client.schedule.create({ ...schedule, memo: MEMO });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = schedule;
    await client.schedule
      .getHandle(schedule.scheduleId)
      .update(({ state }) => ({ spec, action, ...(policies && { policies }), state }));
  }
}

async function removeSchedule(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
