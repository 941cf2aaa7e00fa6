import { progress } from '../../src/workflows/messages';
import { POLICY, USUAL } from './script';
import { durationOf, eventCountOf, startTimeLapse, valuesOf, type Claim, type TimeLapse } from './time-lapse';
import { DAY, failing, HOUR, MINUTE } from './turns';

const STEPS = ['awaitAvailable', 'downloadArchive', 'abandonArchive'] as const;

/** A platform that refuses the API key so many times, whatever it is asked, a minute apart. */
function refusing(times: number) {
  let left = times;
  const unlessRefused =
    <Result>(step: () => Promise<Result>) =>
    (): Promise<Result> =>
      left-- > 0 ? failing('CredentialsRejected', MINUTE)() : step();
  return {
    unlessRefused,
    awaitAdmission: unlessRefused(USUAL.awaitAdmission),
  };
}

describe('a claim whose API key is refused', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  const countOf = (claim: Claim, name: string) => lapse.callsOf(claim).filter((call) => call === name).length;

  it.each(STEPS)('for minutes at %s asks nobody', async (name) => {
    const { unlessRefused, awaitAdmission } = refusing(20);
    const claim = await lapse.claim({ [name]: unlessRefused<unknown>(USUAL[name]), awaitAdmission });
    await claim.result();
    expect(await valuesOf(claim, 'ArchivistState')).not.toContain('attention');
  });

  it.each(STEPS)('for hours at %s shows it, and goes on within a minute after it is taken', async (name) => {
    const { unlessRefused, awaitAdmission } = refusing(300);
    const claim = await lapse.claim({ [name]: unlessRefused<unknown>(USUAL[name]), awaitAdmission });
    await lapse.sleep(HOUR);
    await expect(claim.query(progress)).resolves.toMatchObject({
      state: 'attention',
      attention: 'CredentialsRejected',
    });
    const events = await eventCountOf(claim);
    await lapse.sleep(3 * HOUR);
    expect(await eventCountOf(claim)).toBe(events);

    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    const lasted = await durationOf(claim);
    expect(lasted).toBeGreaterThanOrEqual(297 * MINUTE);
    expect(lasted).toBeLessThan(303 * MINUTE);
    expect(lapse.callsOf(claim).filter((call) => call.startsWith('recordOutcome'))).toEqual([
      'recordOutcome:attention:CredentialsRejected',
    ]);
  });

  it('is not lost to its deadline alone: it ends there, and may be claimed again', async () => {
    const claim = await lapse.claim({
      policy: { ...POLICY, deadlineMs: 2 * HOUR },
      awaitAvailable: failing('CredentialsRejected', MINUTE),
      awaitAdmission: failing('CredentialsRejected', MINUTE),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(await durationOf(claim)).toBeGreaterThanOrEqual(2 * HOUR);
  });

  it('for one step only does not try that again and again', async () => {
    const claim = await lapse.claim({
      policy: { ...POLICY, deadlineMs: 2 * DAY },
      abandonArchive: failing('CredentialsRejected', MINUTE),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(countOf(claim, 'awaitAdmission')).toBe(1);
    expect(countOf(claim, 'downloadArchive')).toBeLessThanOrEqual(10);
  });
});
