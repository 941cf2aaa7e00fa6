import { setTimeout as pause } from 'node:timers/promises';
import { cancelled, heartbeat } from '@temporalio/activity';
import { WorkflowUpdateStage } from '@temporalio/client';
import type { AvailabilityTerms } from '../../src/domain/claim';
import type { Choice } from '../../src/domain/orders';
import { decide, hold, progress } from '../../src/workflows/messages';
import { inTurn, USUAL } from './script';
import { durationOf, startTimeLapse, type Claim, type TimeLapse } from './time-lapse';
import { available, DAY, failing, Gate, HOUR, untilItCancels } from './turns';

const by = 'jane';
const order = (claim: Claim, choice: Choice) => claim.executeUpdate(decide, { args: [{ choice, by }] });

describe('a decision', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it('to retry has the claim try again at once, from a fresh record', async () => {
    const claim = await lapse.claim({
      verifyCopy: inTurn<unknown>(failing('ZipUnreadable'), USUAL.verifyCopy),
    });
    await lapse.sleep(HOUR);
    await order(claim, 'retry');
    await claim.result();
    expect(await durationOf(claim)).toBeLessThan(2 * HOUR);
    expect(lapse.callsOf(claim).slice(3, 7)).toEqual([
      'recordOutcome:attention:ZipUnreadable',
      'recordDecision:retry:jane',
      'awaitAvailable',
      'downloadArchive',
    ]);
  });

  it('to retry counts though the need for a person is still being recorded', async () => {
    const gate = new Gate();
    const claim = await lapse.claim({
      awaitAvailable: inTurn<unknown>(failing('PlatformFailed'), available),
      recordOutcome: () => gate.pass(),
    });
    await gate.reached();
    await order(claim, 'retry');
    gate.open();
    await claim.result();
    expect(await durationOf(claim)).toBeLessThan(HOUR);
  });

  it('to accept an archive without its checksum holds for the rest of the claim', async () => {
    const terms: AvailabilityTerms[] = [];
    const claim = await lapse.claim({
      awaitAvailable: (_: unknown, given: AvailabilityTerms) => {
        terms.push(given);
        return given.acceptWithoutChecksum === true ? available() : failing('ChecksumMissing')();
      },
      verifyCopy: inTurn<unknown>(failing('ChecksumMismatch'), USUAL.verifyCopy),
    });
    await lapse.sleep(HOUR);
    await order(claim, 'acceptWithoutChecksum');
    await claim.result();
    expect(terms).toEqual([{}, { acceptWithoutChecksum: true }, { acceptWithoutChecksum: true }]);
    expect(lapse.callsOf(claim)).toContain('recordDecision:acceptWithoutChecksum:jane');
    expect(await durationOf(claim)).toBeLessThan(2 * HOUR);
  });

  it('is recorded before it is obeyed and answered', async () => {
    const gate = new Gate();
    const claim = await lapse.claim({
      awaitAvailable: inTurn<unknown>(failing('PlatformFailed'), available),
      recordDecision: () => gate.pass(),
    });
    while ((await claim.query(progress)).state !== 'attention') await pause(10);
    const update = await claim.startUpdate(decide, {
      args: [{ choice: 'retry', by }],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    await gate.reached();
    await expect(claim.query(progress)).resolves.toMatchObject({ state: 'attention' });
    gate.open();
    await update.result();
    await claim.result();
  });

  it.each([
    ['undefined', undefined, 'Expected "by": an account name of 1 to 64 letters, digits or @._+-.'],
    [
      'one by nobody',
      { choice: 'retry' },
      'Expected "by": an account name of 1 to 64 letters, digits or @._+-.',
    ],
    [
      'one by a sentence',
      { choice: 'retry', by: 'jane doe' },
      'Expected "by": an account name of 1 to 64 letters, digits or @._+-.',
    ],
    [
      'one to shrug',
      { choice: 'shrug', by },
      'Expected "choice": one of retry, acceptWithoutChecksum, giveUp.',
    ],
    [
      'one to retry',
      { choice: 'retry', by },
      'The claim is waiting and does not need a person; it can only be given up (giveUp).',
    ],
  ])(
    'while the platform is waited for: %s is refused, and is not in the history',
    async (_, input, message) => {
      const claim = await lapse.claim({ awaitAvailable: failing('NotYetAvailable', DAY) });
      const refused = claim.executeUpdate(decide, { args: [input as never] });
      await expect(refused).rejects.toMatchObject({ cause: { type: 'OrderRefused', message } });
      const { events } = await claim.fetchHistory();
      expect(events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toEqual([]);
      await claim.terminate();
    },
  );

  it('to accept an archive without its checksum is refused where that is not what is wrong', async () => {
    const claim = await lapse.claim({ awaitAvailable: failing('PlatformFailed') });
    while ((await claim.query(progress)).state !== 'attention') await pause(10);
    await expect(order(claim, 'acceptWithoutChecksum')).rejects.toMatchObject({
      cause: {
        message: 'The claim needs a person because of PlatformFailed, not because a checksum is missing.',
      },
    });
    await claim.terminate();
  });
});

describe('a decision to give up', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  async function expectGivenUp(claim: Claim, state: string): Promise<void> {
    await expect(order(claim, 'giveUp')).resolves.toMatchObject({ state: 'failed' });
    await expect(claim.result()).rejects.toMatchObject({
      cause: {
        type: 'GivenUp',
        message: expect.stringContaining(`was given up while it was ${state}`) as string,
      },
    });
    expect(lapse.callsOf(claim).slice(-2)).toEqual([
      'recordDecision:giveUp:jane',
      'recordOutcome:failed:GivenUp',
    ]);
    expect(lapse.callsOf(claim)).not.toContain('abandonArchive');
  }

  it('ends a claim that waits for the platform', async () => {
    await expectGivenUp(await lapse.claim({ awaitAvailable: failing('NotYetAvailable', DAY) }), 'waiting');
  });

  it('ends a claim that needs a person', async () => {
    const claim = await lapse.claim({ awaitAvailable: failing('PlatformFailed') });
    while ((await claim.query(progress)).state !== 'attention') await pause(10);
    await expectGivenUp(claim, 'attention');
  });

  it('ends a download under way, once it has let go', async () => {
    const claim = await lapse.claim({
      downloadArchive: async () => {
        for (;;) {
          heartbeat();
          await Promise.race([pause(100), cancelled()]);
        }
      },
    });
    while (!lapse.callsOf(claim).includes('downloadArchive')) await pause(10);
    await expectGivenUp(claim, 'downloading');
  });

  it('ends a claim that is secured and held', async () => {
    const claim = await lapse.claim();
    await claim.executeUpdate(hold, { args: [{ by }] });
    while ((await claim.query(progress)).state !== 'secured') await pause(10);
    await expectGivenUp(claim, 'secured');
  });

  it('comes too late where the platform was told meanwhile', async () => {
    const gate = new Gate();
    const claim = await lapse.claim({ abandonArchive: () => gate.pass() });
    await gate.reached();
    const update = await claim.startUpdate(decide, {
      args: [{ choice: 'giveUp', by }],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    await untilItCancels(claim);
    gate.open();
    await expect(update.result()).rejects.toMatchObject({
      cause: { message: 'It came too late: the claim was done before it could be stopped.' },
    });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  });
});
