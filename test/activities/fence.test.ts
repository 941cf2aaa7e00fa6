import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { fenceOf } from '../../src/activities/fence';
import type { Fence } from '../../src/ledger/ledger';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { quietSdk } from '../support/workflow-code';
import type { twoSteps } from './fence-workflow';

quietSdk();

/** Whether the fence of one attempt is later than that of another, as the ledger compares them. */
function isLater(one: Fence, other: Fence): boolean {
  const key = ({ at, runId, step, attempt }: Fence) => [at, runId, step, attempt] as const;
  const [left, right] = [key(one), key(other)];
  const index = left.findIndex((part, position) => part !== right[position]);
  return index >= 0 && left[index]! > right[index]!;
}

/** On a real server, since only that knows when it schedules what, also of activities that it dispatches eagerly. */
describe('the fence of an attempt', () => {
  let temporal: TestTemporal;
  let connection: NativeConnection;
  const seen: Fence[] = [];

  beforeAll(async () => {
    temporal = await testTemporal(false);
    connection = await NativeConnection.connect({ address: temporal.address });
  });
  afterAll(async () => {
    await connection.close();
    await temporal.close();
  });

  /** Fails once in each run. */
  function fence(step: number): Promise<Fence> {
    const own = fenceOf(step);
    seen.push(own);
    if (own.attempt === 1) throw new Error('Once more.');
    return Promise.resolve(own);
  }

  it('is later for every later attempt, step and run, even after a reset', async () => {
    const taskQueue = randomUUID();
    const { client, namespace } = temporal;
    const workflowsPath = require.resolve('./fence-workflow');
    const activities = { fence };
    const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath, activities });
    await worker.runUntil(async () => {
      const handle = await client.workflow.start<typeof twoSteps>('twoSteps', {
        taskQueue,
        workflowId: randomUUID(),
      });
      await handle.result();
      await client.workflowService.resetWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: handle.workflowId, runId: handle.firstExecutionRunId },
        reason: 'test',
        requestId: randomUUID(),
        // The end of the first workflow task; the types want a Long.
        ...({ workflowTaskFinishEventId: 4 } as object),
      });
      await client.workflow.getHandle<typeof twoSteps>(handle.workflowId).result();
    });
    expect(seen.map(({ step, attempt }) => [step, attempt])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ]);
    expect(new Set(seen.map(({ runId }) => runId)).size).toBe(2);
    for (const [index, own] of seen.entries()) {
      expect(Math.abs(own.at - Date.now())).toBeLessThan(60_000);
      if (index > 0) expect(isLater(own, seen[index - 1]!)).toBe(true);
    }
  });
});
