import { setTimeout as pause } from 'node:timers/promises';
import {
  type Client,
  type WorkflowHandleWithFirstExecutionRunId,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type * as workflows from '../../src/workflows';
import type { ClaimInput } from '../../src/domain/claim';
import { claimWorkflowId, parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import { searchAttributesOf } from '../../src/domain/search-attributes';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import { findTool } from '../../src/embedded/temporal-tool-finder';
import { TEMPORAL_CLI } from '../../src/embedded/temporal-tools';
import { registerSearchAttributes } from '../../src/temporal/register-search-attributes';
import { startTestServer, testTemporal } from '../support/temporal';
import { bundleWorkflows, quietSdk } from '../support/workflow-code';
import { Scripts, type Script } from './script';

/** A claim, whatever run it is in. */
export type Claim = WorkflowHandleWithFirstExecutionRunId<typeof workflows.claimArchive>;

/** The workflows on a Temporal server, with scripted activities. */
export interface RunningWorkflows {
  readonly client: Client;
  readonly scripts: Scripts;
  /** A key of an archive that no other test has, whose activities follow `script`. */
  archive(script?: Script): ArchiveKey;
  /** Starts a claim as the drainer does, of an archive of its own. `input` is what it is given besides. */
  claim(script?: Script, input?: Partial<ClaimInput>): Promise<Claim>;
  /** Starts any of the workflows. */
  start<Name extends keyof typeof workflows>(
    name: Name,
    workflowId: string,
    input: unknown,
    options?: Partial<WorkflowStartOptions>,
  ): Promise<WorkflowHandleWithFirstExecutionRunId<(typeof workflows)[Name]>>;
  /** The names of the activities that were called for a claim, in order. */
  stepsOf(claim: Pick<Claim, 'workflowId'>): readonly string[];
  /** What each call of one activity was given, beside the key. */
  argsOf(claim: Pick<Claim, 'workflowId'>, step: keyof Script): readonly unknown[];
  /** Resolves when an activity was called for the claim, `times` times. */
  reach(claim: Pick<Claim, 'workflowId'>, step: keyof Script, times?: number): Promise<void>;
  /** Lets time pass; days take milliseconds on the time-skipping server. */
  sleep(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** On the server that skips time while nothing but timers is left to wait for. */
export async function startTimeLapse(): Promise<RunningWorkflows> {
  quietSdk();
  const environment = await startTestServer();
  return await running(environment.client, environment.nativeConnection, {
    sleep: (ms) => environment.sleep(ms),
    close: () => environment.teardown(),
  });
}

/** On a real server, in real time. `options` are the workers'. */
export async function startInRealTime(options: Partial<WorkerOptions> = {}): Promise<RunningWorkflows> {
  quietSdk();
  const { address, client, close } = await testTemporal();
  const connection = await NativeConnection.connect({ address });
  const site = {
    sleep: (ms: number) => pause(ms),
    close: () => connection.close().then(close),
  };
  return await running(client, connection, site, options);
}

/** On a real server of its own, which suggests to go on in a new run after `events` events. */
export async function startWithShortRuns(events: number): Promise<RunningWorkflows> {
  quietSdk();
  const limit = `limit.historyCount.suggestContinueAsNew=${events}`;
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await findTool(TEMPORAL_CLI) },
      extraArgs: ['--dynamic-config-value', limit],
    },
  });
  await registerSearchAttributes(environment.client);
  const site = { sleep: (ms: number) => pause(ms), close: () => environment.teardown() };
  return await running(environment.client, environment.nativeConnection, site);
}

async function running(
  client: Client,
  connection: NativeConnection,
  site: Pick<RunningWorkflows, 'sleep' | 'close'>,
  options: Partial<WorkerOptions> = {},
): Promise<RunningWorkflows> {
  const scripts = new Scripts();
  const common = {
    connection,
    namespace: client.options.namespace,
    activities: scripts.activities(),
    maxHeartbeatThrottleInterval: '100 ms',
    // A workflow task with thousands of signals takes seconds where many tests share a processor.
    isolateExecutionTimeout: '1 minute',
    ...options,
  } as const;
  const workflowBundle = await bundleWorkflows();
  const workers = [
    await Worker.create({ ...common, taskQueue: TASK_QUEUES.claims, workflowBundle }),
    await Worker.create({ ...common, taskQueue: TASK_QUEUES.transfers }),
  ];
  const ended = Promise.all(workers.map((worker) => worker.run()));
  let count = 0;
  const callsOf = ({ workflowId }: Pick<Claim, 'workflowId'>) =>
    scripts.callsOf(workflowId.split(':')[2] ?? '');
  const site_: RunningWorkflows = {
    client,
    scripts,
    sleep: site.sleep,
    archive(script = {}) {
      const key = { tenant: parseTenantId('acme'), archiveId: parseArchiveId(`archive-${++count}`) };
      scripts.set(key.archiveId, script);
      return key;
    },
    async claim(script, input) {
      const key = site_.archive(script);
      return await site_.start(
        'claimArchive',
        claimWorkflowId(key),
        { ...key, ...input },
        asTheDrainerDoes(key),
      );
    },
    async start(name, workflowId, input, options) {
      return await client.workflow.start(name, {
        args: [input] as never,
        taskQueue: TASK_QUEUES.claims,
        workflowId,
        ...options,
      });
    },
    stepsOf: (claim) => callsOf(claim).map(({ name }) => name),
    argsOf: (claim, step) => callsOf(claim).flatMap(({ name, args }) => (name === step ? args : [])),
    async reach(claim, step, times = 1) {
      while (callsOf(claim).filter(({ name }) => name === step).length < times) await pause(10);
    },
    async close() {
      workers.forEach((worker) => worker.shutdown());
      await ended;
      await site.close();
    },
  };
  return site_;
}

function asTheDrainerDoes(key: ArchiveKey) {
  const deadline = new Date(Date.now() + 1_000);
  return { typedSearchAttributes: searchAttributesOf({ ...key, state: 'announced', deadline }) };
}

/** The values that one search attribute took after the start, in order. */
export async function valuesOf(workflow: Pick<Claim, 'fetchHistory'>, attribute: string): Promise<unknown[]> {
  const { events } = await workflow.fetchHistory();
  return (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    const payload = upsert?.searchAttributes?.indexedFields?.[attribute];
    return payload ? [defaultPayloadConverter.fromPayload(payload)] : [];
  });
}

/** Seconds that an activity may last, and without a heartbeat, by the first time that a workflow scheduled it. */
export async function limitsOf(workflow: Pick<Claim, 'fetchHistory'>, activity: string) {
  const { events } = await workflow.fetchHistory();
  const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes);
  const limits = scheduled.find((attributes) => attributes?.activityType?.name === activity);
  return {
    wholeSeconds: Number(limits?.startToCloseTimeout?.seconds),
    silentSeconds: Number(limits?.heartbeatTimeout?.seconds),
  };
}

export async function eventCountOf(workflow: Pick<Claim, 'fetchHistory'>): Promise<number> {
  return (await workflow.fetchHistory()).events?.length ?? 0;
}

/** Milliseconds from the start of an ended workflow to its end, by its own history: the server's clock runs on. */
export async function durationOf(workflow: Pick<Claim, 'describe'>): Promise<number> {
  const { startTime, closeTime } = await workflow.describe();
  return (closeTime?.getTime() ?? Infinity) - startTime.getTime();
}

/** Signals a claim `count` times, 50 at a time. A claim that has ended takes none. */
export async function announceOften(claim: Pick<Claim, 'signal'>, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 50)
    await Promise.allSettled(Array.from({ length: 50 }, () => claim.signal('announced')));
}
