import { WorkflowNotFoundError } from '@temporalio/client';
import { extendDeadline, progress } from '../../src/workflows/messages';
import { inTurn, POLICY, USUAL } from './script';
import { durationOf, startTimeLapse, valuesOf, type Claim, type TimeLapse } from './time-lapse';
import { available, DAY, failing, Gate, HOUR } from './turns';

const policy = { ...POLICY, deadlineMs: HOUR };
const by = 'jane@example.com';
const extend = (claim: Claim, ms: number) => claim.executeUpdate(extendDeadline, { args: [{ ms, by }] });
const deadlineOf = async (claim: Claim) => Date.parse((await claim.query(progress)).deadline ?? '');

describe('an extension of the deadline', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it('lets a claim go on that would have ended', async () => {
    const claim = await lapse.claim({
      policy,
      awaitAvailable: inTurn(failing('NotYetAvailable', 5 * HOUR), available),
    });
    await extend(claim, 10 * HOUR);
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect(await durationOf(claim)).toBeGreaterThanOrEqual(5 * HOUR);
  });

  it('is answered with the new deadline, shown to everyone, and recorded with who gave it', async () => {
    const claim = await lapse.claim({ policy, awaitAvailable: failing('NotYetAvailable', DAY) });
    const before = await deadlineOf(claim);
    const { deadline } = await extend(claim, HOUR);
    expect(Date.parse(deadline ?? '')).toBe(before + HOUR);
    expect(await deadlineOf(claim)).toBe(before + HOUR);
    const shown = (await valuesOf(claim, 'ArchivistDeadline')).map((value) => Date.parse(String(value)));
    expect(shown).toEqual([before, before + HOUR]);
    expect(lapse.callsOf(claim)).toContain(`recordDecision:${deadline}:${by}`);
    await claim.terminate();
  });

  it('may come again and again, and the last one counts', async () => {
    const claim = await lapse.claim({ policy, awaitAvailable: failing('NotYetAvailable', 10 * HOUR) });
    await extend(claim, HOUR);
    await lapse.sleep(1.5 * HOUR);
    await extend(claim, HOUR);
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    const lasted = await durationOf(claim);
    expect(lasted).toBeGreaterThanOrEqual(3 * HOUR);
    expect(lasted).toBeLessThan(3.5 * HOUR);
    expect(lapse.callsOf(claim).at(-1)).toBe('recordOutcome:failed:DeadlineExceeded');
  });

  it('lets a claim heal that needs a person', async () => {
    const claim = await lapse.claim({
      policy,
      secureCopy: inTurn<unknown>(failing('StoreConflict'), USUAL.secureCopy),
    });
    await lapse.sleep(HOUR / 2);
    await expect(extend(claim, 10 * HOUR)).resolves.toMatchObject({ state: 'attention' });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect(await durationOf(claim)).toBeGreaterThanOrEqual(6 * HOUR);
  });

  it('comes too late once the deadline has passed', async () => {
    const gate = new Gate();
    const claim = await lapse.claim({
      policy,
      awaitAvailable: failing('NotYetAvailable', DAY),
      recordOutcome: () => gate.pass(),
    });
    const passing = lapse.sleep(2 * HOUR);
    await gate.reached();
    await expect(extend(claim, HOUR)).rejects.toMatchObject({
      cause: { type: 'OrderRefused', message: 'It came too late: the claim has ended.' },
    });
    gate.open();
    await passing;
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    await expect(extend(claim, HOUR)).rejects.toBeInstanceOf(WorkflowNotFoundError);
  });

  it.each([
    [0, 'Expected "ms": whole milliseconds, 1 or more.'],
    [-HOUR, 'Expected "ms": whole milliseconds, 1 or more.'],
    [1.5, 'Expected "ms": whole milliseconds, 1 or more.'],
    ['1h', 'Expected "ms": whole milliseconds, 1 or more.'],
    [3_653 * DAY, 'The deadline can be at most 10 years from now.'],
  ])('of %p milliseconds is refused', async (ms, message) => {
    const claim = await lapse.claim({ policy, awaitAvailable: failing('NotYetAvailable', DAY) });
    await expect(extend(claim, ms as number)).rejects.toMatchObject({
      cause: { type: 'OrderRefused', message },
    });
    expect(lapse.callsOf(claim)).not.toContainEqual(expect.stringContaining('recordDecision'));
    await claim.terminate();
  });
});
