import { WorkflowUpdateStage } from '@temporalio/client';
import { hold, progress, release } from '../../src/workflows/messages';
import { inTurn, POLICY, USUAL } from './script';
import { durationOf, eventCountOf, startTimeLapse, valuesOf, type Claim, type TimeLapse } from './time-lapse';
import { available, DAY, failing, Gate, HOUR, untilItCancels } from './turns';

const by = 'jane';
const args: [{ by: string }] = [{ by }];
const placeHold = (claim: Claim) => claim.executeUpdate(hold, { args });
const lift = (claim: Claim) => claim.executeUpdate(release, { args });
const stateOf = async (claim: Claim) => (await claim.query(progress)).state;

describe('a held claim', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  const abandons = (claim: Claim) => lapse.callsOf(claim).filter((call) => call === 'abandonArchive').length;

  it('goes on until it is secured, and abandons once it is released', async () => {
    const claim = await lapse.claim({
      awaitAvailable: inTurn(failing('NotYetAvailable', HOUR), available),
    });
    await expect(placeHold(claim)).resolves.toMatchObject({
      held: { by, since: expect.any(String) as string },
    });
    await lapse.sleep(2 * HOUR);
    expect(await stateOf(claim)).toBe('secured');
    expect(await valuesOf(claim, 'ArchivistState')).toContain('secured');
    expect(abandons(claim)).toBe(0);

    await expect(lift(claim)).resolves.not.toHaveProperty('held');
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect(lapse.callsOf(claim)).toEqual([
      'awaitAvailable',
      'holdArchive:jane',
      'awaitAvailable',
      'downloadArchive',
      'verifyCopy',
      'secureCopy',
      'releaseArchive:jane',
      'abandonArchive',
    ]);
  });

  it('has as many events after 30 days of waiting as after an hour', async () => {
    const claim = await lapse.claim({ policy: { ...POLICY, deadlineMs: 40 * DAY } });
    await placeHold(claim);
    await lapse.sleep(HOUR);
    const events = await eventCountOf(claim);
    await lapse.sleep(30 * DAY);
    expect(await eventCountOf(claim)).toBe(events);
    await claim.terminate();
  });

  it('is held from its start where the ledger has a hold, and says so', async () => {
    const held = { by: 'john', since: '2026-01-01T00:00:00.000Z' };
    const claim = await lapse.claim({ policy: { ...POLICY, held } });
    await lapse.sleep(HOUR);
    await expect(claim.query(progress)).resolves.toMatchObject({ state: 'secured', held });
    expect(abandons(claim)).toBe(0);
    await lift(claim);
    await claim.result();
    expect(abandons(claim)).toBe(1);
  });

  it('has no deadline, and an hour at least once it is released', async () => {
    const claim = await lapse.claim({
      policy: { ...POLICY, deadlineMs: HOUR },
      awaitAvailable: failing('NotYetAvailable', DAY),
    });
    await placeHold(claim);
    await lapse.sleep(5 * HOUR);
    expect(await stateOf(claim)).toBe('waiting');
    await lift(claim);
    expect(await valuesOf(claim, 'ArchivistDeadline')).toHaveLength(2);
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
    expect(await durationOf(claim)).toBeGreaterThanOrEqual(6 * HOUR);
    expect(await durationOf(claim)).toBeLessThan(6.5 * HOUR);
  });

  it('keeps a deadline that is later than an hour after the release', async () => {
    const claim = await lapse.claim({
      policy: { ...POLICY, deadlineMs: 10 * HOUR },
      awaitAvailable: failing('NotYetAvailable', DAY),
    });
    const { deadline } = await placeHold(claim);
    await expect(lift(claim)).resolves.toMatchObject({ deadline });
    await claim.terminate();
  });

  it('keeps its first hold, and cannot be released when it is not held', async () => {
    const claim = await lapse.claim({ awaitAvailable: failing('NotYetAvailable', DAY) });
    await placeHold(claim);
    await expect(claim.executeUpdate(hold, { args: [{ by: 'john' }] })).resolves.toMatchObject({
      held: { by },
    });
    await lift(claim);
    await expect(lift(claim)).rejects.toMatchObject({ cause: { message: 'The archive is not held.' } });
    expect(lapse.callsOf(claim).slice(1)).toEqual(['holdArchive:jane', 'releaseArchive:jane']);
    await claim.terminate();
  });
});

describe('a hold that comes while the platform is being told', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  const abandons = (claim: Claim) => lapse.callsOf(claim).filter((call) => call === 'abandonArchive').length;

  /** A claim whose first abandon is under way, and ends with `outcome` once the gate is open. */
  async function abandoning(outcome: () => Promise<void>) {
    const gate = new Gate();
    const claim = await lapse.claim({
      abandonArchive: inTurn(() => gate.pass().then(outcome), USUAL.abandonArchive),
    });
    await gate.reached();
    const order = await claim.startUpdate(hold, { args, waitForStage: WorkflowUpdateStage.ACCEPTED });
    await untilItCancels(claim);
    return { claim, order, gate };
  }

  it('is answered as too late where the platform was told', async () => {
    const { claim, order, gate } = await abandoning(USUAL.abandonArchive);
    gate.open();
    await expect(order.result()).rejects.toMatchObject({
      cause: { message: 'It came too late: the platform was told that it may delete its file.' },
    });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    await expect(claim.query(progress)).resolves.not.toHaveProperty('held');
  });

  it.each(['Held', 'AbandonUnconfirmed', 'PlatformUnavailable'] as const)(
    'is in force where the platform was not told because of %s',
    async (type) => {
      const { claim, order, gate } = await abandoning(failing(type, 1_000));
      gate.open();
      await expect(order.result()).resolves.toMatchObject({ held: { by } });
      await lapse.sleep(2 * DAY);
      expect(await stateOf(claim)).toBe('secured');
      expect(abandons(claim)).toBe(1);
      await lift(claim);
      await claim.result();
      expect(abandons(claim)).toBe(2);
    },
  );

  it('is in force at once where the next try is far off', async () => {
    const claim = await lapse.claim({
      abandonArchive: inTurn<unknown>(
        failing('AbandonUnconfirmed'),
        failing('AbandonUnconfirmed', DAY),
        USUAL.abandonArchive,
      ),
    });
    while (abandons(claim) < 2) await lapse.sleep(1_000);
    await placeHold(claim);
    await lapse.sleep(2 * DAY);
    expect(abandons(claim)).toBe(2);
    await lift(claim);
    await claim.result();
    expect(abandons(claim)).toBe(3);
  });
});
