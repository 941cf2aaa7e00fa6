import { extendDeadline, progress } from '../../src/workflows/messages';
import { Gate, untilCancelled } from './gate';
import { durationOf, startTimeLapse, valuesOf, type Claim, type RunningWorkflows } from './running-workflows';
import { available, failing, inTurn, SECURED } from './script';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** After every deadline here. The server that skips time now and then forgets a try that it gave out, and waits 30 seconds for it. */
const LATER = 60 * DAY;
const EXCEEDED = { cause: { type: 'DeadlineExceeded' } };

describe("a claim's deadline", () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startTimeLapse()));
  afterAll(() => site.close());

  async function expectEndAfter(claim: Claim, ms: number): Promise<void> {
    await expect(claim.result()).rejects.toMatchObject(EXCEEDED);
    expect(Math.abs((await durationOf(claim)) - ms)).toBeLessThan(HOUR);
  }

  it('is 7 days after the start by default', async () => {
    const claim = await site.claim({ awaitAvailable: failing('NotYetAvailable', LATER) });
    await expectEndAfter(claim, 7 * DAY);
    expect(site.argsOf(claim, 'endClaim')).toMatchObject([{ kind: 'deadline', reason: 'DeadlineExceeded' }]);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['failed']);
  });

  it("ends in a failure that names the claim's state and the command that claims the archive again", async () => {
    const claim = await site.claim(
      { awaitAvailable: failing('NotYetAvailable', LATER) },
      { deadlineMs: HOUR },
    );
    await expect(claim.result()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/still waiting .*archivist claim archive-\d+/) as string },
    });
  });

  it('is written to the ledger by the first step', async () => {
    const claim = await site.claim({}, { deadlineMs: HOUR });
    await claim.result();
    const { startTime } = await claim.describe();
    expect(site.argsOf(claim, 'awaitAvailable')).toEqual([
      { deadlineAt: startTime.getTime() + HOUR, patient: false },
    ]);
  });

  it('cancels a running download, and waits until it has stopped', async () => {
    const claim = await site.claim({ downloadArchive: untilCancelled }, { deadlineMs: 2_000 });
    await expect(claim.result()).rejects.toMatchObject(EXCEEDED);
    const { events } = await claim.fetchHistory();
    const cancelled = events?.findIndex((event) => event.activityTaskCanceledEventAttributes) ?? -1;
    const recorded = events?.findIndex(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'endClaim',
    );
    expect(cancelled).toBeGreaterThan(0);
    expect(recorded).toBeGreaterThan(cancelled);
  });

  it('waits for a sent abandon: if it takes effect, the claim is abandoned', async () => {
    const sent = new Gate();
    const claim = await site.claim(
      { abandonArchive: () => sent.pass({ outcome: 'abandoned' }) },
      { deadlineMs: 2_000 },
    );
    await sent.reached;
    await site.sleep(4_000);
    await site.reach(claim, 'readOrders');
    sent.open();
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: false });
    expect(site.stepsOf(claim)).not.toContain('endClaim');
  });

  it('ends a claim whose abandon turns out to have to wait', async () => {
    const asked = new Gate();
    const claim = await site.claim(
      { abandonArchive: () => asked.pass({ outcome: 'waits', waitsFor: 'decided' }) },
      { deadlineMs: 2_000 },
    );
    await asked.reached;
    await site.sleep(4_000);
    await site.reach(claim, 'readOrders');
    asked.open();
    await expect(claim.result()).rejects.toMatchObject(EXCEEDED);
    expect(site.stepsOf(claim)).toContain('endClaim');
  });

  it('can no longer be extended once it has fired', async () => {
    const recorded = new Gate();
    const claim = await site.claim(
      { awaitAvailable: failing('NotYetAvailable', LATER), endClaim: () => recorded.pass(undefined) },
      { deadlineMs: 1_000 },
    );
    await site.sleep(2_000);
    await recorded.reached;
    await expect(
      claim.executeUpdate(extendDeadline, { args: [{ by: 'jane', ms: DAY }] }),
    ).rejects.toMatchObject({ cause: { type: 'OrderRefused' } });
    recorded.open();
    await expect(claim.result()).rejects.toMatchObject(EXCEEDED);
    expect(site.stepsOf(claim)).not.toContain('giveOrder');
  });

  it('ends a claim that waits for a person', async () => {
    const claim = await site.claim({ verifyCopy: failing('StoreConflict') }, { deadlineMs: DAY });
    await expectEndAfter(claim, DAY);
    expect((await valuesOf(claim, 'ArchivistState')).at(-1)).toBe('failed');
  });

  it('moves each time a person extends it', async () => {
    let deadlineAt = 0;
    const claim = await site.claim(
      {
        awaitAvailable: failing('NotYetAvailable', LATER),
        giveOrder: () => Promise.resolve({ answer: 'confirmed', deadlineAt: (deadlineAt += 2 * DAY) }),
        readOrders: () => Promise.resolve({ deadlineAt }),
      },
      { deadlineMs: DAY },
    );
    deadlineAt = (await claim.describe()).startTime.getTime() + DAY;
    for (const by of ['jane', 'joe'])
      await expect(
        claim.executeUpdate(extendDeadline, { args: [{ by, ms: 2 * DAY, reason: 'slow' }] }),
      ).resolves.toMatchObject({ answer: 'confirmed' });
    expect(site.argsOf(claim, 'giveOrder')).toMatchObject([
      { kind: 'extend', by: 'jane', ms: 2 * DAY, reason: 'slow' },
      { kind: 'extend', by: 'joe', ms: 2 * DAY, reason: 'slow' },
    ]);
    await expect(claim.query(progress)).resolves.toMatchObject({
      deadline: new Date(deadlineAt).toISOString(),
    });
    expect(await valuesOf(claim, 'ArchivistDeadline')).toHaveLength(2);
    await expectEndAfter(claim, 5 * DAY);
  });

  it('moves when a signal makes the claim read the ledger', async () => {
    let orders = {};
    const claim = await site.claim(
      { awaitAvailable: failing('NotYetAvailable', LATER), readOrders: () => Promise.resolve(orders) },
      { deadlineMs: DAY },
    );
    orders = { deadlineAt: (await claim.describe()).startTime.getTime() + 3 * DAY };
    await claim.signal('announced');
    await expectEndAfter(claim, 3 * DAY);
  });

  it('is read from the ledger when it fires, because a signal may have been lost', async () => {
    let deadlineAt = 0;
    const claim = await site.claim(
      {
        awaitAvailable: failing('NotYetAvailable', LATER),
        readOrders: () => Promise.resolve({ deadlineAt }),
      },
      { deadlineMs: DAY },
    );
    deadlineAt = (await claim.describe()).startTime.getTime() + 4 * DAY;
    await expectEndAfter(claim, 4 * DAY);
  });

  it('is the later one if the first step found a later one in the ledger', async () => {
    const claim = await site.claim(
      {
        awaitAvailable: (_: unknown, { deadlineAt }: { deadlineAt: number }) =>
          Promise.resolve(available({ deadlineAt: deadlineAt + DAY })),
        readOrders: () => Promise.resolve({}),
        verifyCopy: failing('StoreUnavailable', LATER),
      },
      { deadlineMs: DAY },
    );
    await expectEndAfter(claim, 2 * DAY);
  });

  it('never moves earlier', async () => {
    const claim = await site.claim(
      {
        awaitAvailable: inTurn(() => Promise.resolve(available({ deadlineAt: 1 }))),
        readOrders: () => Promise.resolve({ deadlineAt: 1 }),
        verifyCopy: failing('StoreUnavailable', LATER),
      },
      { deadlineMs: DAY },
    );
    await claim.signal('announced');
    await expectEndAfter(claim, DAY);
  });
});
