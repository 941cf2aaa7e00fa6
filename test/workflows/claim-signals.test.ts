import type { WorkflowExecutionDescription } from '@temporalio/client';
import { progress } from '../../src/workflows/messages';
import { Gate, untilCancelled } from './gate';
import { startInRealTime, type Claim, type RunningWorkflows } from './running-workflows';
import { COPY, failing, inTurn, itIsAvailable, SECURED } from './script';

const notYet = failing('NotYetAvailable', 3_600_000);
const HOUR = 3_600_000;

describe('signals', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  /** 50 at a time. A claim that has ended takes none. */
  async function send(claim: Claim, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += 50)
      await Promise.allSettled(Array.from({ length: 50 }, () => claim.signal('announced')));
  }

  /** Resolves with the first run of a claim when it went on in another one. */
  async function untilContinued(claim: Claim): Promise<WorkflowExecutionDescription> {
    const first = site.client.workflow.getHandle(claim.workflowId, claim.firstExecutionRunId);
    for (;;) {
      const described = await first.describe();
      if (described.status.name !== 'RUNNING') return described;
      await site.sleep(100);
    }
  }

  it('have a claim that waits read the orders, and ask the platform at once', async () => {
    const claim = await site.claim({ awaitAvailable: inTurn(notYet, itIsAvailable) });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal('announced');
    await claim.result();
    expect(site.stepsOf(claim).slice(0, 3)).toEqual(['awaitAvailable', 'readOrders', 'awaitAvailable']);
  });

  it('that arrive while the orders are read are answered by one more reading', async () => {
    const [first, second] = [new Gate(), new Gate()];
    const claim = await site.claim({
      awaitAvailable: notYet,
      readOrders: inTurn(
        () => first.pass({}),
        () => second.pass({}),
        () => Promise.resolve({}),
      ),
    });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal('announced');
    await first.reached;
    await send(claim, 100);
    first.open();
    await second.reached;
    second.open();
    await site.reach(claim, 'awaitAvailable', 3);
    await site.sleep(300);
    expect(site.stepsOf(claim).filter((step) => step === 'readOrders')).toHaveLength(2);
    await claim.terminate();
  });

  it('do not disturb a claim that works', async () => {
    const claim = await site.claim({ verifyCopy: () => send(claim, 50).then(() => SECURED) });
    await claim.result();
    expect(site.stepsOf(claim).filter((step) => step !== 'readOrders')).toEqual([
      'awaitAvailable',
      'downloadArchive',
      'verifyCopy',
      'abandonArchive',
    ]);
  });

  it('by the thousand kill no claim: it goes on in new runs, with its deadline and what it needs a person for', async () => {
    const claim = await site.claim({ awaitAvailable: failing('PlatformFailed') }, { deadlineMs: HOUR });
    await site.reach(claim, 'needAttention');
    await send(claim, 2_200);
    const { status, historyLength, startTime } = await untilContinued(claim);
    expect(status.name).toBe('CONTINUED_AS_NEW');
    expect(historyLength).toBeLessThan(10_000);
    await expect(claim.query(progress)).resolves.toMatchObject({
      attention: 'PlatformFailed',
      deadline: new Date(startTime.getTime() + HOUR).toISOString(),
    });
    const { typedSearchAttributes } = await claim.describe();
    expect(typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' })).toBe('attention');
    site.scripts.set(claim.workflowId.split(':')[2] ?? '', {});
    await claim.signal('announced');
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  }, 180_000);

  it('by the thousand do not keep a claim from its work: a download goes on in the next run', async () => {
    const claim = await site.claim({ downloadArchive: inTurn(untilCancelled, () => Promise.resolve(COPY)) });
    await site.reach(claim, 'downloadArchive');
    await send(claim, 2_200);
    await untilContinued(claim);
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect(site.stepsOf(claim).filter((step) => step === 'downloadArchive')).toHaveLength(2);
  }, 180_000);
});
