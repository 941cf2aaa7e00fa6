import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import type { TenantId } from '../domain/ids';
import { reconciliationOf, rotationOf, sweepOf } from './run-now';

/** The configuration of the schedules. Times are milliseconds. */
interface Terms {
  readonly tenants: ReadonlyMap<TenantId, unknown>;
  readonly reconcile: { readonly every: number };
  readonly sweep: { readonly every: number };
  readonly callbackRotation?: { readonly every: number; readonly overlap: number } | undefined;
}

/** Marks our schedules: others may have ids of the same form. */
const MEMO = { madeBy: 'archivist' };

/** Milliseconds: spreads the requests to the tenants' platforms. */
const LONGEST_JITTER = 30_000;
/** Milliseconds: the shortest catch-up window that Temporal accepts. */
const SHORTEST_CATCHUP = 10_000;
/** Temporal makes up for a rotation that was due during an outage within this time. */
const ROTATION_CATCHUP: Duration = '7 days';

/**
 * Makes the schedules match the configuration: for each tenant one that reconciles, one that sweeps, and, if it is configured,
 * one that rotates; deletes our other ones. May be repeated: it updates existing schedules, which stay paused if a person
 * paused them.
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

  /** One run at a time; after an outage one run, at once. The ids of the workflows are the schedule's id and the time. */
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
    // Another process has deleted it.
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
