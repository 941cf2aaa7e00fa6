import type { ArchiveKey } from '../../../src/domain/ids';
import type { GivenOrder } from '../../../src/domain/orders';
import { openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

/** What a person decided stands until a person changes it, whatever is announced, started again or not heard. */
describe('decisions', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const statusOf = async (key: ArchiveKey) => (await site.simulator.archive(key.archiveId)).status;
  const order = (key: ArchiveKey, kind: Exclude<GivenOrder['kind'], 'extend'>) =>
    site.run('giveOrder', key, { kind, by: 'jane' });

  async function secured(spec = {}): Promise<ArchiveKey> {
    const key = await site.archive(spec);
    await secure(site, key);
    return key;
  }

  it('6. giveUp ends a claim at any step, even if its workflow was not signalled', async () => {
    const key = await site.archive();
    const inOneRun = { runId: 'deaf' };
    const found = await site.runWith(inOneRun, 'awaitAvailable', key, untilTomorrow());
    if (found.outcome !== 'available') throw new Error('It is not to be downloaded.');
    const copy = await site.runWith(inOneRun, 'downloadArchive', key, found.facts);
    await expect(order(key, 'giveUp')).resolves.toMatchObject({ answer: 'confirmed', state: 'failed' });
    const givenUp = { type: 'GivenUp', nonRetryable: true };
    const downloaded = site.runWith(inOneRun, 'downloadArchive', key, found.facts);
    await expect(downloaded).rejects.toMatchObject(givenUp);
    const verified = site.runWith(inOneRun, 'verifyCopy', key, found.facts, copy);
    await expect(verified).rejects.toMatchObject(givenUp);
    expect(await site.ledger.find(key)).toMatchObject({ state: 'failed', securedAt: undefined });

    // Nor does it go on if somebody has it claimed again: another run does that.
    await order(key, 'claim');
    await expect(site.runWith(inOneRun, 'downloadArchive', key, found.facts)).rejects.toMatchObject(givenUp);
  });

  it('6. giveUp stands whatever is announced, listed or started again', async () => {
    const key = await secured();
    await order(key, 'giveUp');
    await expect(site.ledger.enqueueHints([key], 5_000)).resolves.toEqual(['duplicate']);
    await expect(site.run('reconcileArchives', TENANT)).resolves.toMatchObject({ queued: 0 });
    await expect(site.run('awaitAvailable', key, untilTomorrow())).resolves.toEqual({
      outcome: 'decided',
      decision: 'giveUp',
    });
    await expect(site.run('abandonArchive', key, {} as never)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'decided',
    });
    expect(await statusOf(key)).toBe('AVAILABLE');
  });

  it('7. a claim that is cancelled before its first step is recorded as such, and not claimed again', async () => {
    const key = await site.archive();
    await site.run('endClaim', key, { kind: 'cancelled', reason: 'Cancelled' });
    await expect(site.run('reconcileArchives', TENANT)).resolves.toMatchObject({ queued: 0 });
    await expect(site.run('awaitAvailable', key, untilTomorrow())).resolves.toEqual({
      outcome: 'decided',
      decision: 'cancelled',
    });
  });

  it('8. a release in the ledger counts, whatever the claim knows, and queues the waiting archives', async () => {
    const conferenceId = 'released';
    const [one, other] = [await secured({ conferenceId }), await secured({ conferenceId })];
    await order(other, 'hold');
    await expect(site.run('abandonArchive', one, {} as never)).resolves.toMatchObject({
      waitsFor: 'held',
    });
    await expect(order(other, 'release')).resolves.toMatchObject({ answer: 'confirmed' });
    const leased = await site.ledger.lease({
      tenants: [TENANT],
      limit: 100,
      leaseMs: 1,
      leasedBy: 'test',
    });
    expect(leased.map(({ archiveId }) => archiveId)).toContain(one.archiveId);
  });
});
