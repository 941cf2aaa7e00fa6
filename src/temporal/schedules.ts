import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client } from '@temporalio/client';
import type { TenantId } from '../domain/ids';
import { reconcileSchedule } from './reconcile-schedule';
import type { Schedule } from './schedule';
import { deliveriesSchedule, rotationSchedule } from './subscription-schedules';

/** What of the configuration decides on them. Times are milliseconds. */
interface Terms {
  readonly tenants: ReadonlyMap<TenantId, unknown>;
  readonly reconcile: { readonly every: number };
  readonly callbackRotation?: { readonly every: number; readonly overlap: number } | undefined;
}

/** Tells our schedules from those of others that may have the same form of id. */
const MEMO = { madeBy: 'archivist' };

/**
 * Makes the schedules what the configuration says: for each tenant one that reconciles, one that looks at deliveries, and, where there
 * is a rotation, one that rotates; and none of ours besides. May be repeated: what is there is brought up to date, and stays paused
 * where a person paused it.
 */
export async function keepSchedules(
  client: Client,
  { tenants, reconcile, callbackRotation }: Terms,
): Promise<void> {
  const wanted = [...tenants.keys()].flatMap((tenant) => [
    reconcileSchedule(tenant, reconcile.every),
    deliveriesSchedule(tenant),
    ...(callbackRotation ? [rotationSchedule(tenant, callbackRotation)] : []),
  ]);
  for (const schedule of wanted) await keepSchedule(client, schedule);
  const ids = new Set(wanted.map(({ scheduleId }) => scheduleId));
  for await (const { scheduleId, memo } of client.schedule.list()) {
    if (memo?.['madeBy'] === MEMO.madeBy && !ids.has(scheduleId)) await removeSchedule(client, scheduleId);
  }
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
