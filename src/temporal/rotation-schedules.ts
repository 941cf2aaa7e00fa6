import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { TenantId } from '../domain/ids';
import { rotationWorkflowId, SUBSCRIPTION_WORKFLOWS, type SubscriptionsInput } from '../domain/subscriptions';
import { TASK_QUEUES } from '../domain/task-queues';

/** How often the deliveries are looked at: the platform keeps the 50 latest attempts only. */
const LOOK_EVERY_MS = 15 * 60_000;

/**
 * Makes the schedules of each tenant's subscriptions what the configuration says: `deliveries:{tenant}` always, and
 * `rotate:{tenant}` where there is a rotation. Repeat it as you like.
 */
export async function tendRotationSchedules(
  client: Client,
  tenants: Iterable<TenantId>,
  rotation: { readonly every: number; readonly overlap: number } | undefined,
): Promise<void> {
  for (const tenant of tenants) {
    await ensure(client, `deliveries:${tenant}`, LOOK_EVERY_MS, 'watch', { tenant });
    const id = rotationWorkflowId(tenant);
    if (rotation === undefined) await remove(client, id);
    else
      await ensure(client, id, rotation.every, 'rotate', { tenant, pace: { overlapMs: rotation.overlap } });
  }
}

async function ensure(
  client: Client,
  scheduleId: string,
  every: number,
  workflow: keyof typeof SUBSCRIPTION_WORKFLOWS,
  input: SubscriptionsInput,
): Promise<void> {
  const options = {
    scheduleId,
    spec: { intervals: [{ every }], jitter: Math.min(every / 10, 60_000) },
    // What was missed while Temporal was down need not be made up for: the next one does as well.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: SUBSCRIPTION_WORKFLOWS[workflow],
      workflowId: scheduleId,
      taskQueue: TASK_QUEUES.claims,
      args: [input],
    },
  } as const satisfies ScheduleOptions;
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
  }
}

async function remove(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
