import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { reconcileId, type TenantId } from '../domain/ids';
import { RECONCILE_TENANT, type ReconcileInput } from '../domain/reconciliation';
import { searchAttributesOf } from '../domain/search-attributes';
import { TASK_QUEUES } from '../domain/task-queues';

/** Tells our schedules from those of others that may have the same form of id. */
const MEMO = { madeBy: 'archivist' };

/** Milliseconds: the tenants' lists are not all asked for at once. */
const LONGEST_JITTER = 30_000;
/** Milliseconds: what Temporal takes as the shortest. */
const SHORTEST_CATCHUP = 10_000;

/**
 * Has each tenant reconciled every so often, and none that is no longer configured. May be repeated: what is there is brought up to date,
 * and stays paused where a person paused it.
 * @param every milliseconds
 */
export async function keepReconcileSchedules(
  client: Client,
  tenants: readonly TenantId[],
  every: number,
): Promise<void> {
  for (const tenant of tenants) await keepSchedule(client, scheduleOf(tenant, every));
  const wanted = new Set<string>(tenants.map(reconcileId));
  for await (const { scheduleId, memo } of client.schedule.list()) {
    const isOurs = scheduleId.startsWith('reconcile:') && memo?.['madeBy'] === MEMO.madeBy;
    if (isOurs && !wanted.has(scheduleId)) await removeSchedule(client, scheduleId);
  }
}

type Schedule = ScheduleOptions & { readonly action: { readonly workflowType: string } };

function scheduleOf(tenant: TenantId, every: number): Schedule {
  const input: ReconcileInput = { tenant };
  return {
    scheduleId: reconcileId(tenant),
    spec: { intervals: [{ every }], jitter: Math.min(every / 10, LONGEST_JITTER) },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILE_TENANT,
      workflowId: reconcileId(tenant),
      args: [input],
      taskQueue: TASK_QUEUES.claims,
      typedSearchAttributes: searchAttributesOf({ tenant }),
      staticSummary: `Reconcile the archives of ${tenant}`,
    },
    // One at a time; after an outage, once and at once.
    policies: { overlap: 'SKIP', catchupWindow: Math.max(every, SHORTEST_CATCHUP) },
    memo: MEMO,
  };
}

async function keepSchedule(client: Client, schedule: Schedule): Promise<void> {
  try {
    await client.schedule.create(schedule);
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
