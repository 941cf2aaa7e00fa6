import type { AvailabilityTerms } from '../../src/domain/claim';
import { decide, hold, progress } from '../../src/workflows/messages';
import { inTurn, POLICY, SECURED } from './script';
import { startTimeLapse, type TimeLapse } from './time-lapse';
import { available, DAY, failing } from './turns';

const by = 'jane';

describe('a claim that needs a person for weeks', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it('goes on in another run, before its history is too long, with the deadline that it had', async () => {
    const claim = await lapse.claim({
      policy: { ...POLICY, deadlineMs: 20 * DAY },
      awaitAvailable: failing('PlatformFailed'),
    });
    const first = await claim.describe();
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    const { closeTime, runId } = await claim.describe();
    expect(runId).not.toBe(first.runId);
    const days = ((closeTime?.getTime() ?? 0) - first.startTime.getTime()) / DAY;
    expect(days).toBeGreaterThanOrEqual(20);
    expect(days).toBeLessThan(20.1);
    const ended = await lapse.client.workflow.getHandle(claim.workflowId, first.runId).describe();
    expect(ended.status.name).toBe('CONTINUED_AS_NEW');
    expect(ended.historyLength).toBeLessThan(2_000);
  });

  it('remembers what a person accepted', async () => {
    const terms: AvailabilityTerms[] = [];
    const claim = await lapse.claim({
      policy: { ...POLICY, deadlineMs: 30 * DAY },
      awaitAvailable: (_: unknown, given: AvailabilityTerms) => {
        terms.push(given);
        if (given.acceptWithoutChecksum !== true) return failing('ChecksumMissing')();
        return terms.length > 60 ? available() : failing('PlatformFailed')();
      },
    });
    await lapse.sleep(DAY);
    await claim.executeUpdate(decide, { args: [{ choice: 'acceptWithoutChecksum', by }] });
    await claim.result();
    expect(terms.at(-1)).toEqual({ acceptWithoutChecksum: true });
  });
});

describe('a claim that was started to abandon what copy-only mode secured', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());
  const policy = { ...POLICY, abandon: false };

  it('has the order in the ledger first, and then goes the whole way', async () => {
    const claim = await lapse.claim({ policy }, { abandonBy: by });
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: false });
    expect(lapse.callsOf(claim)).toEqual([
      'orderAbandon:jane',
      'awaitAvailable',
      'downloadArchive',
      'verifyCopy',
      'secureCopy',
      'abandonArchive',
    ]);
  });

  it('waits for the release of what is held', async () => {
    const claim = await lapse.claim(
      { policy, awaitAvailable: inTurn(failing('NotYetAvailable', DAY), available) },
      { abandonBy: by },
    );
    await claim.executeUpdate(hold, { args: [{ by }] });
    await lapse.sleep(2 * DAY);
    await expect(claim.query(progress)).resolves.toMatchObject({ state: 'secured' });
    expect(lapse.callsOf(claim)).not.toContain('abandonArchive');
    await claim.terminate();
  });

  it('ends where nothing is secured', async () => {
    const claim = await lapse.claim({ policy, orderAbandon: failing('NotSecured') }, { abandonBy: by });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'NotSecured' } });
    expect(lapse.callsOf(claim)).toEqual(['orderAbandon:jane', 'recordOutcome:failed:NotSecured']);
  });

  it.each(['', 'jane doe', 7])('refuses an order by %p', async (abandonBy) => {
    const claim = await lapse.claim({ policy }, { abandonBy: abandonBy as string });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });
});
