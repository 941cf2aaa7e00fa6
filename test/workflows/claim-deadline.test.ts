import { setTimeout as pause } from 'node:timers/promises';
import { cancelled, heartbeat } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ArchivistError } from '../../src/domain/failures';
import { POLICY, USUAL } from './script';
import { durationOf, startTimeLapse, valuesOf, type TimeLapse } from './time-lapse';

const HOUR = 3_600_000;
const policy = { ...POLICY, deadlineMs: HOUR };
const STEPS = ['awaitAvailable', 'downloadArchive', 'verifyCopy', 'secureCopy', 'abandonArchive'] as const;

/** Works without end until it is cancelled, as a transfer does. */
async function endless(): Promise<never> {
  for (;;) {
    heartbeat();
    await Promise.race([pause(100), cancelled()]);
  }
}

describe('the deadline of a claim', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it.each(STEPS)('ends it while %s fails again and again', async (name) => {
    const claim = await lapse.claim({
      policy,
      [name]: () => Promise.reject(new ArchivistError('Unexpected', 'again')),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(await durationOf(claim)).toBeGreaterThanOrEqual(HOUR);
    expect(await durationOf(claim)).toBeLessThan(2 * HOUR);
    expect(lapse.callsOf(claim).at(-1)).toBe('recordOutcome:failed:DeadlineExceeded');
    expect(await valuesOf(claim, 'ArchivistState')).toContain('failed');
    if (name !== 'abandonArchive') expect(lapse.callsOf(claim)).not.toContain('abandonArchive');
  });

  it('ends it while it needs a person', async () => {
    const claim = await lapse.claim({
      policy,
      awaitAvailable: () => Promise.reject(new ArchivistError('PlatformFailed', 'again')),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(lapse.callsOf(claim)).toEqual([
      'awaitAvailable',
      'recordOutcome:attention:PlatformFailed',
      'recordOutcome:failed:DeadlineExceeded',
    ]);
  });

  it('cancels a transfer under way and waits until it has let go', async () => {
    const order: string[] = [];
    const claim = await lapse.claim({
      policy: { ...policy, deadlineMs: 1_000 },
      downloadArchive: () => endless().finally(() => order.push('let go')),
      recordOutcome: () => Promise.resolve(void order.push('recorded')),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(order).toEqual(['let go', 'recorded']);
  });

  it('counts what ends with success though its time is over', async () => {
    const claim = await lapse.claim({
      policy: { ...policy, deadlineMs: 500 },
      abandonArchive: () => pause(1_500).then(USUAL.abandonArchive),
    });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  });
});

describe('a cancelled claim', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it.each(['awaitAvailable', 'downloadArchive', 'verifyCopy'] as const)(
    'lets go of %s, records it and abandons nothing',
    async (name) => {
      const claim = await lapse.claim({ [name]: endless });
      while (!lapse.callsOf(claim).includes(name)) await pause(10);
      await claim.cancel();
      await expect(claim.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      expect((await claim.describe()).status.name).toBe('CANCELLED');
      expect(lapse.callsOf(claim).at(-1)).toBe('recordOutcome:failed:Cancelled');
      expect(lapse.callsOf(claim)).not.toContain('abandonArchive');
    },
  );
});
