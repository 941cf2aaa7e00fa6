import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import type { TenantId } from '../domain/ids';
import { reconciliationOf, rotationOf, sweepOf } from './run-now';

/** What of the configuration decides on them. Times are milliseconds. */
interface Terms {
  readonly tenants: ReadonlyMap<TenantId, unknown>;
  readonly reconcile: { readonly every: number };
  readonly sweep: { readonly every: number };
  readonly callbackRotation?: { readonly every: number; readonly overlap: number } | undefined;
}

/** Tells our schedules from those of others that may have the same form of id. */
const MEMO = { madeBy: 'archivist' };

/** Milliseconds: the tenants' platforms are not all asked at once. */
const LONGEST_JITTER = 30_000;
/** Milliseconds: what Temporal takes as the shortest. */
const SHORTEST_CATCHUP = 10_000;
/** A rotation that was due while Temporal was down is made up for within this time. */
const ROTATION_CATCHUP: Duration = '7 days';

/**
 * Makes the schedules what the configuration says: for each tenant one that reconciles, one that sweeps, and, if callbacks are rotated,
 * one that rotates; and none of ours besides. May be repeated: what is there is brought up to date, and stays paused if a person
 * paused it.
 * @param limitMs milliseconds that Temporal has for each schedule: there may be hundreds
 */
export async function keepSchedules(client: Client, terms: Terms, limitMs: number): Promise<void> {
  const { tenants, reconcile, sweep, callbackRotation } = terms;
  const kept = new Set<string>();
  for (const tenant of tenants.keys()) {
    await keep(reconciliationOf(tenant), reconcile.every);
    await keep(sweepOf(tenant), sweep.every);
    if (callbackRotation) {
      const { every, overlap } = callbackRotation;
      await keep(rotationOf(tenant, overlap), every, ROTATION_CATCHUP);
    }
  }
  const made = await inTime(async () => {
    const ids: string[] = [];
    for await (const { scheduleId, memo } of client.schedule.list())
      if (memo?.['madeBy'] === MEMO.madeBy) ids.push(scheduleId);
    return ids;
  });
  for (const id of made) if (!kept.has(id)) await inTime(() => removeSchedule(client, id));

  /** One run at a time; after an outage, once and at once. The workflows bear the schedule's id, with the time besides. */
  async function keep(
    workflow: ReturnType<typeof reconciliationOf | typeof sweepOf | typeof rotationOf>,
    every: number,
    catchupWindow: Duration = Math.max(every, SHORTEST_CATCHUP),
  ): Promise<void> {
    const id = workflow.workflowId;
    const schedule = {
      spec: { intervals: [{ every }], jitter: Math.min(every / 10, LONGEST_JITTER) },
      policies: { overlap: 'SKIP', catchupWindow },
      action: { type: 'startWorkflow', ...workflow },
    } satisfies Omit<ScheduleOptions, 'scheduleId'>;
    await inTime(async () => {
      try {
        await client.schedule.create({ scheduleId: id, memo: MEMO, ...schedule });
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        await client.schedule.getHandle(id).update(({ state }) => ({ ...schedule, state }));
      }
    });
    kept.add(id);
  }

  function inTime<Result>(work: () => Promise<Result>): Promise<Result> {
    return client.withDeadline(Date.now() + limitMs, work);
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
