import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { claimArchive } from '../../src/workflows';
import { claimWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { startTestServer } from '../support/temporal';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { Scripts, type Script } from './script';

export type Claim = WorkflowHandle<typeof claimArchive>;

/** Claims on the time-skipping server, with scripted activities: days pass in milliseconds. */
export interface TimeLapse {
  readonly client: Client;
  /** Starts a claim that runs by `script`; its archive id is made up. */
  claim(script?: Script): Promise<Claim>;
  callsOf(claim: Claim): readonly string[];
  sleep(ms: number): Promise<void>;
  close(): Promise<void>;
}

export async function startTimeLapse(): Promise<TimeLapse> {
  quietSdk();
  const environment = await startTestServer();
  const { client, nativeConnection: connection } = environment;
  const scripts = new Scripts();
  const common = {
    connection,
    activities: scripts.activities(),
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
  return {
    client,
    async claim(script = {}) {
      const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId(`archive-${++count}`) };
      scripts.set(key.archiveId, script);
      return await client.workflow.start<typeof claimArchive>('claimArchive', {
        args: [key],
        taskQueue: TASK_QUEUES.claims,
        workflowId: claimWorkflowId(key),
      });
    },
    callsOf: ({ workflowId }) => scripts.callsOf(workflowId.split(':')[2] ?? ''),
    sleep: (ms) => environment.sleep(ms),
    async close() {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await environment.teardown();
    },
  };
}

/** The values that one search attribute took, in order. */
export async function valuesOf(claim: Claim, attribute: string): Promise<unknown[]> {
  const { events } = await claim.fetchHistory();
  return (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    const payload = upsert?.searchAttributes?.indexedFields?.[attribute];
    return payload ? [defaultPayloadConverter.fromPayload(payload)] : [];
  });
}

export async function eventCountOf(claim: Claim): Promise<number> {
  return (await claim.fetchHistory()).events?.length ?? 0;
}

/** Milliseconds from the start of an ended claim to its end, by its own history: the server's clock runs on. */
export async function durationOf(claim: Claim): Promise<number> {
  const { startTime, closeTime } = await claim.describe();
  return (closeTime?.getTime() ?? Infinity) - startTime.getTime();
}
