import { release } from '../../src/workflows/messages';
import { until } from '../e2e/until';
import { startInRealTime, type Claim, type RunningWorkflows } from './running-workflows';
import { failing } from './script';

describe('a claim that is reset in the Temporal UI', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  /** Resets the claim's latest run to the point after one of its workflow tasks. */
  async function reset(
    { workflowId }: Claim,
    runId: string,
    workflowTaskFinishEventId: number,
  ): Promise<void> {
    await site.client.workflowService.resetWorkflowExecution({
      namespace: site.client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason: 'A person wants it.',
      requestId: `${workflowId}-${workflowTaskFinishEventId}`,
      workflowTaskFinishEventId: workflowTaskFinishEventId as never,
    });
  }

  async function workflowTasksOf(claim: Claim): Promise<number[]> {
    const { events } = await claim.fetchHistory();
    return (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: task }) =>
      task ? [Number(eventId)] : [],
    );
  }

  it('continues from every workflow task', async () => {
    const claim = await site.claim();
    await claim.result();
    const tasks = await workflowTasksOf(claim);
    expect(tasks).toHaveLength(5);
    for (const [index, task] of tasks.entries()) {
      const before = site.stepsOf(claim).length;
      await reset(claim, claim.firstExecutionRunId, task);
      await expect(site.client.workflow.getHandle(claim.workflowId).result()).resolves.toMatchObject({
        state: 'abandoned',
      });
      // The step that was scheduled by that task is done again, and what follows it.
      const steps = ['awaitAvailable', 'downloadArchive', 'verifyCopy', 'abandonArchive'];
      expect(site.stepsOf(claim).slice(before)).toEqual(steps.slice(index));
    }
  });

  it('continues from a pause, and keeps its deadline', async () => {
    const claim = await site.claim({ verifyCopy: failing('StoreConflict') });
    await site.reach(claim, 'needAttention');
    const [, , third] = await workflowTasksOf(claim);
    const { startTime } = await claim.describe();
    site.scripts.set(claim.workflowId.split(':')[2] ?? '', {});
    await reset(claim, claim.firstExecutionRunId, third ?? 0);
    const latest = site.client.workflow.getHandle(claim.workflowId);
    await expect(latest.result()).resolves.toMatchObject({ state: 'abandoned' });
    await expect(latest.query('progress')).resolves.toMatchObject({
      deadline: new Date(startTime.getTime() + 7 * 24 * 3_600_000).toISOString(),
    });
  });

  it('repeats an order under its original id, so that the ledger keeps later orders', async () => {
    const claim = await site.claim({
      awaitAvailable: failing('NotYetAvailable', 3_600_000),
      giveOrder: () => Promise.resolve({ answer: 'confirmed', state: 'waiting' }),
    });
    await site.reach(claim, 'awaitAvailable');
    await claim.executeUpdate(release, { args: [{ by: 'jane' }] });
    const [first] = await workflowTasksOf(claim);
    await reset(claim, claim.firstExecutionRunId, first ?? 0);
    await until('the order', () => Promise.resolve(site.argsOf(claim, 'giveOrder').length > 1));
    const [order, again] = site.argsOf(claim, 'giveOrder');
    expect(again).toEqual(order);
    expect(order).toMatchObject({ id: expect.stringContaining(claim.firstExecutionRunId) as string });
    await site.client.workflow.getHandle(claim.workflowId).terminate();
  });

  it('continues if it is terminated and started again', async () => {
    const claim = await site.claim({ awaitAvailable: failing('NotYetAvailable', 3_600_000) });
    await site.reach(claim, 'awaitAvailable');
    await claim.terminate();
    const archiveId = claim.workflowId.split(':')[2] ?? '';
    site.scripts.set(archiveId, {});
    const again = await site.start('claimArchive', claim.workflowId, { tenant: 'acme', archiveId });
    await expect(again.result()).resolves.toMatchObject({ state: 'abandoned' });
  });
});
