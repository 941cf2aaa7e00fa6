import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import type { OrderAnswer } from '../../src/domain/orders';
import { decide, extendDeadline, hold, release } from '../../src/workflows/messages';
import { Gate, untilCancelled } from './gate';
import { startInRealTime, type Claim, type RunningWorkflows } from './running-workflows';
import { failing, inTurn, itIsAvailable, SECURED } from './script';

const by = 'jane';
const notYet = failing('NotYetAvailable', 3_600_000);

describe('an order to a claim', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  /** A claim that waits, and whose orders are answered so. */
  async function waiting(answer: Partial<OrderAnswer> = {}): Promise<Claim> {
    const claim = await site.claim({
      awaitAvailable: notYet,
      giveOrder: () => Promise.resolve({ answer: 'confirmed', ...answer }),
    });
    await site.reach(claim, 'awaitAvailable');
    return claim;
  }

  async function refusalOf(update: Promise<unknown>): Promise<unknown> {
    const error: unknown = await update.catch((thrown: unknown) => thrown);
    if (!(error instanceof WorkflowUpdateFailedError)) throw new Error('It was not refused.');
    const { cause } = error;
    return cause instanceof ApplicationFailure ? [cause.type, cause.message] : cause;
  }

  it('is written by an activity, and returns the answer of the ledger', async () => {
    const claim = await waiting({ state: 'waiting' });
    await expect(claim.executeUpdate(hold, { args: [{ by, reason: 'court' }] })).resolves.toEqual({
      answer: 'confirmed',
      state: 'waiting',
    });
    await claim.executeUpdate(release, { args: [{ by }] });
    await claim.executeUpdate(decide, { args: [{ by, choice: 'acceptWithoutChecksum' }] });
    expect(site.argsOf(claim, 'giveOrder')).toMatchObject([
      { kind: 'hold', by, reason: 'court' },
      { kind: 'release', by },
      { kind: 'acceptWithoutChecksum', by },
    ]);
    await claim.terminate();
  });

  it('ends the claim if it is giveUp, and the failure names the command that claims the archive again', async () => {
    const claim = await waiting();
    await claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] });
    await expect(claim.result()).rejects.toMatchObject({
      cause: { type: 'GivenUp', message: expect.stringMatching(/archivist claim archive-\d+/) as string },
    });
    expect(site.stepsOf(claim)).not.toContain('endClaim');
  });

  it('ends the claim even if it is not yet decided', async () => {
    const claim = await waiting({ answer: 'undecided' });
    await expect(claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] })).resolves.toEqual({
      answer: 'undecided',
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'GivenUp' } });
  });

  it('makes a waiting claim poll again at once', async () => {
    const claim = await site.claim({ awaitAvailable: inTurn(notYet, itIsAvailable) });
    await site.reach(claim, 'awaitAvailable');
    await claim.executeUpdate(decide, { args: [{ by, choice: 'retry' }] });
    await claim.result();
  });

  it.each([
    ['tooLate', undefined, /too late: the platform was told/],
    ['unknown', undefined, /platform does not know/],
    ['notRecorded', undefined, /not recorded.*Try again/],
    ['refused', 'it is not held', /it is not held/],
  ] as const)('is rejected with the reason if the ledger answers %s', async (answer, why, expected) => {
    const claim = await waiting({ answer, ...(why && { why }) });
    expect(await refusalOf(claim.executeUpdate(release, { args: [{ by }] }))).toEqual([
      'OrderRefused',
      expect.stringMatching(expected),
    ]);
    expect((await claim.describe()).status.name).toBe('RUNNING');
    await claim.terminate();
  });

  it('is rejected without an event in the history if it is malformed', async () => {
    const claim = await waiting();
    const before = (await claim.describe()).historyLength;
    const bad: [Promise<unknown>, RegExp][] = [
      [claim.executeUpdate(hold, { args: [undefined as never] }), /"by"/],
      [claim.executeUpdate(hold, { args: [{ by: '' }] }), /"by"/],
      [claim.executeUpdate(hold, { args: [{ by: 'Jane Doe' }] }), /"by"/],
      [claim.executeUpdate(release, { args: [{ by, reason: 'two\nlines' }] }), /"reason"/],
      [claim.executeUpdate(decide, { args: [{ by } as never] }), /"choice": one of retry/],
      [claim.executeUpdate(decide, { args: [{ by, choice: 'cancel' as never }] }), /"choice"/],
      [claim.executeUpdate(extendDeadline, { args: [{ by, ms: 0 }] }), /"ms"/],
      [claim.executeUpdate(extendDeadline, { args: [{ by, ms: 1.5 }] }), /"ms"/],
      [claim.executeUpdate(extendDeadline, { args: [{ by, ms: 61 * 24 * 3_600_000 }] }), /"ms"/],
      [claim.executeUpdate(extendDeadline, { args: [{ by, ms: '1 day' as never }] }), /"ms"/],
    ];
    for (const [update, expected] of bad)
      expect(await refusalOf(update)).toEqual(['OrderRefused', expect.stringMatching(expected)]);
    expect((await claim.describe()).historyLength).toBe(before);
    expect(site.stepsOf(claim)).not.toContain('giveOrder');
    await claim.terminate();
  });

  it('waits for a sent abandon: if it takes effect, the claim is abandoned', async () => {
    const sent = new Gate();
    const claim = await site.claim({
      abandonArchive: () => sent.pass({ outcome: 'abandoned' }),
      giveOrder: () => Promise.resolve({ answer: 'undecided' }),
    });
    await sent.reached;
    await claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] });
    sent.open();
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: false });
  });

  it('cancels a running download', async () => {
    const claim = await site.claim({ downloadArchive: untilCancelled });
    await site.reach(claim, 'downloadArchive');
    await claim.executeUpdate(decide, { args: [{ by, choice: 'giveUp' }] });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'GivenUp' } });
  });

  it('is answered before the claim ends', async () => {
    const [answer, sent] = [new Gate(), new Gate()];
    const claim = await site.claim({
      abandonArchive: () => sent.pass({ outcome: 'abandoned' }),
      giveOrder: () => answer.pass({ answer: 'confirmed' }),
    });
    await sent.reached;
    const held = claim.executeUpdate(hold, { args: [{ by }] });
    await answer.reached;
    sent.open();
    await site.sleep(500);
    expect((await claim.describe()).status.name).toBe('RUNNING');
    answer.open();
    await expect(held).resolves.toEqual({ answer: 'confirmed' });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  });

  it.each([
    ['giveUp', 'GivenUp'],
    ['cancelled', 'Cancelled'],
  ] as const)('ends a claim that reads it after a signal: %s', async (decision, type) => {
    const claim = await site.claim({
      awaitAvailable: notYet,
      readOrders: () => Promise.resolve({ decision }),
    });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal('announced');
    await expect(claim.result()).rejects.toMatchObject({
      cause: { type, message: expect.stringContaining('archivist claim ') as string },
    });
    expect(site.stepsOf(claim)).toEqual(['awaitAvailable', 'readOrders']);
  });

  it.each([
    ['giveUp', 'GivenUp'],
    ['cancelled', 'Cancelled'],
    ['deadline', 'DeadlineExceeded'],
  ] as const)('ends a claim whose first step finds it: %s', async (decision, type) => {
    const claim = await site.claim({
      awaitAvailable: () => Promise.resolve({ outcome: 'decided', decision }),
    });
    await expect(claim.result()).rejects.toMatchObject({
      cause: { type, message: expect.stringContaining('archivist claim ') as string },
    });
    expect(site.stepsOf(claim)).toEqual(['awaitAvailable']);
  });

  it('does not end a claim because of the deadline that an earlier claim exceeded', async () => {
    const claim = await site.claim({
      awaitAvailable: inTurn(notYet, itIsAvailable),
      readOrders: () => Promise.resolve({ decision: 'deadline' }),
    });
    await site.reach(claim, 'awaitAvailable');
    await claim.signal('announced');
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  });
});
