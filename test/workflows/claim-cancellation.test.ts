import { CancelledFailure } from '@temporalio/client';
import { claimWorkflowId } from '../../src/domain/ids';
import { Gate, untilCancelled } from './gate';
import { startInRealTime, valuesOf, type Claim, type RunningWorkflows } from './running-workflows';
import { failing, inTurn, SECURED } from './script';

const ENDED = { kind: 'cancelled', reason: 'Cancelled' };

describe('a claim that is cancelled in Temporal, or by its deadline', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  async function expectCancelled(claim: Claim): Promise<void> {
    const error: unknown = await claim.result().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: expect.any(CancelledFailure) as CancelledFailure });
    expect((await claim.describe()).status.name).toBe('CANCELLED');
    expect(site.argsOf(claim, 'endClaim')).toEqual([ENDED]);
    expect(await valuesOf(claim, 'ArchivistState')).toContain('failed');
  }

  it('records the cancellation as an order, and ends as cancelled', async () => {
    const claim = await site.claim({ awaitAvailable: failing('NotYetAvailable', 3_600_000) });
    await site.reach(claim, 'awaitAvailable');
    await claim.cancel();
    await expectCancelled(claim);
  });

  it('records the cancellation even if it was cancelled before its first step', async () => {
    const key = site.archive();
    const claim = await site.start('claimArchive', claimWorkflowId(key), key, { startDelay: '2 seconds' });
    await claim.cancel();
    await expectCancelled(claim);
    expect(site.stepsOf(claim)).toEqual(['endClaim']);
  });

  it('waits until a running download has stopped', async () => {
    const claim = await site.claim({ downloadArchive: untilCancelled });
    await site.reach(claim, 'downloadArchive');
    await claim.cancel();
    await expectCancelled(claim);
    const { events } = await claim.fetchHistory();
    expect(events?.some((event) => event.activityTaskCanceledEventAttributes)).toBe(true);
  });

  it('ends its pause', async () => {
    const claim = await site.claim({ verifyCopy: failing('StoreConflict') });
    await site.reach(claim, 'needAttention');
    await claim.cancel();
    await expectCancelled(claim);
  });

  it('waits for a sent abandon: if it takes effect, the claim is abandoned', async () => {
    const sent = new Gate();
    const claim = await site.claim({ abandonArchive: () => sent.pass({ outcome: 'abandoned' }) });
    await sent.reached;
    await claim.cancel();
    await site.sleep(500);
    sent.open();
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: false });
    expect(site.stepsOf(claim)).not.toContain('endClaim');
  });

  it('ends as cancelled even if its abandon turns out to have to wait', async () => {
    const asked = new Gate();
    const claim = await site.claim({
      abandonArchive: () => asked.pass({ outcome: 'waits', waitsFor: 'held' }),
    });
    await asked.reached;
    await claim.cancel();
    await site.sleep(500);
    asked.open();
    await expectCancelled(claim);
  });

  it('ends although its end cannot be recorded because its tenant is not configured', async () => {
    const claim = await site.claim({
      awaitAvailable: failing('UnknownTenant'),
      endClaim: failing('UnknownTenant'),
    });
    await site.reach(claim, 'needAttention');
    await claim.cancel();
    await expectCancelled(claim);
  });

  it('continues in a new run if its deadline was moved before its end is written', async () => {
    let deadlineAt = 0;
    const claim = await site.claim(
      {
        awaitAvailable: failing('NotYetAvailable', 3_600_000),
        readOrders: inTurn(
          () => Promise.resolve({}),
          () => Promise.resolve({ deadlineAt }),
        ),
        endClaim: inTurn(
          () => Promise.resolve('extended'),
          () => Promise.resolve(undefined),
        ),
      },
      { deadlineMs: 1_000 },
    );
    deadlineAt = (await claim.describe()).startTime.getTime() + 3_000;
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(site.argsOf(claim, 'endClaim')).toMatchObject([{ kind: 'deadline' }, { deadlineAt }]);
  });
});
