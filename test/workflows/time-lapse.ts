import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { claimArchive, reconcileTenant, watchExpiry } from '../../src/workflows';
import type { ClaimInput, ExpiryPolicy } from '../../src/domain/claim';
import { claimWorkflowId, expiryWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { startTestServer } from '../support/temporal';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { ABANDONED, Scripts, type Script } from './script';
import { SubscriptionScripts } from './subscription-script';

export type Claim = WorkflowHandle<typeof claimArchive>;
export type Watch = WorkflowHandle<typeof watchExpiry>;
export type Reconciliation = WorkflowHandle<typeof reconcileTenant>;

const DAY = 24 * 3_600_000;
export const EXPIRY: ExpiryPolicy = { recheckMs: 2 * DAY, periodMs: 3 * DAY };

/** Claims on the time-skipping server, with scripted activities: days pass in milliseconds. */
export interface TimeLapse {
  readonly client: Client;
  /** What the activities of subscriptions do. */
  readonly subscriptions: SubscriptionScripts;
  /** Starts a claim that runs by `script`; its archive id is made up, `input` is what it is given besides. */
  claim(script?: Script, input?: Partial<ClaimInput>): Promise<Claim>;
  /** Starts the watch over an archive that was abandoned just now. */
  watch(script?: Script): Promise<Watch>;
  /** Starts a reconciliation, which ends as its activity does: see `script.ts`. */
  reconcile(tenant: string): Promise<Reconciliation>;
  callsOf(workflow: Claim | Watch): readonly string[];
  sleep(ms: number): Promise<void>;
  /** Lets time pass, and then waits until the workflow has made the call, as told by `callsOf`. */
  reach(workflow: Claim | Watch, call: string, ms: number): Promise<void>;
  close(): Promise<void>;
}

export async function startTimeLapse(): Promise<TimeLapse> {
  quietSdk();
  const environment = await startTestServer();
  const { client, nativeConnection: connection } = environment;
  const scripts = new Scripts();
  const subscriptions = new SubscriptionScripts();
  const common = {
    connection,
    activities: { ...scripts.activities(), ...subscriptions.activities() },
    maxHeartbeatThrottleInterval: '100 ms',
  } as const;
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.claims,
      workflowBundle: await bundleWorkflows(),
    }),
    await Worker.create({ ...common, taskQueue: TASK_QUEUES.transfers }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  let count = 0;
  const callsOf: TimeLapse['callsOf'] = ({ workflowId }) => scripts.callsOf(workflowId.split(':')[2] ?? '');
  return {
    client,
    subscriptions,
    async claim(script = {}, input = {}) {
      const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId(`archive-${++count}`) };
      scripts.set(key.archiveId, script);
      return await client.workflow.start<typeof claimArchive>('claimArchive', {
        args: [{ ...key, ...input }],
        taskQueue: TASK_QUEUES.claims,
        workflowId: claimWorkflowId(key),
      });
    },
    async watch(script = {}) {
      const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId(`archive-${++count}`) };
      const abandonedAt = new Date(await environment.currentTimeMs()).toISOString();
      scripts.set(key.archiveId, {
        findAbandoned: () => Promise.resolve({ ...ABANDONED, abandonedAt }),
        ...script,
      });
      return await client.workflow.start<typeof watchExpiry>('watchExpiry', {
        args: [{ ...key, expiry: EXPIRY }],
        taskQueue: TASK_QUEUES.claims,
        workflowId: expiryWorkflowId(key),
      });
    },
    async reconcile(tenant) {
      return await client.workflow.start<typeof reconcileTenant>('reconcileTenant', {
        args: [{ tenant }],
        taskQueue: TASK_QUEUES.claims,
        workflowId: `reconcile:${tenant}-${++count}`,
      });
    },
    callsOf,
    sleep: (ms) => environment.sleep(ms),
    async reach(workflow, call, ms) {
      await environment.sleep(ms);
      while (!callsOf(workflow).includes(call)) await pause(10);
    },
    async close() {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await environment.teardown();
    },
  };
}

/** The values that one search attribute took, in order. */
export async function valuesOf(claim: Claim | Watch, attribute: string): Promise<unknown[]> {
  const { events } = await claim.fetchHistory();
  return (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    const payload = upsert?.searchAttributes?.indexedFields?.[attribute];
    return payload ? [defaultPayloadConverter.fromPayload(payload)] : [];
  });
}

export async function eventCountOf(workflow: Pick<Claim, 'fetchHistory'>): Promise<number> {
  return (await workflow.fetchHistory()).events?.length ?? 0;
}

/** Milliseconds from the start of an ended claim to its end, by its own history: the server's clock runs on. */
export async function durationOf(claim: Claim | Watch): Promise<number> {
  const { startTime, closeTime } = await claim.describe();
  return (closeTime?.getTime() ?? Infinity) - startTime.getTime();
}

/** The steps of an ended workflow, and how many hours after its start each began, rounded. */
export async function hoursOf(
  workflow: Claim | Watch,
): Promise<readonly (readonly [step: string, hours: number])[]> {
  const { events } = await workflow.fetchHistory();
  const begun = Number(events?.[0]?.eventTime?.seconds);
  return (events ?? []).flatMap(({ eventTime, activityTaskScheduledEventAttributes: activity }) => {
    const hours = Math.round((Number(eventTime?.seconds) - begun) / 3600);
    return activity ? [[activity.activityType?.name ?? '', hours] as const] : [];
  });
}
