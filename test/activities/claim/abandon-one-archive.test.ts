import { openActivitySite, secure, TENANT, type ActivitySite } from '../activity-site';

describe('an abandon whose endpoint addresses archives', () => {
  let site: ActivitySite;
  beforeAll(async () => {
    const abandon = '/communication/archives/archives/{archiveId}/abandon';
    site = await openActivitySite({ endpoints: { abandon } });
  });
  afterAll(() => site.close());

  it('needs neither a list nor the other archives of the conference', async () => {
    const conferenceId = 'addressed-one-by-one';
    const [one, other] = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    const secured = await secure(site, one);
    await site.run('awaitAvailable', other, { deadlineAt: Date.now() + 60_000 });
    await expect(site.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
    expect((await site.simulator.archive(other.archiveId)).status).toBe('AVAILABLE');
    await expect(site.ledger.latestList(TENANT)).resolves.toHaveProperty('begunAt', undefined);
    await expect(site.run('giveOrder', other, { kind: 'hold', by: 'jane' })).resolves.toMatchObject({
      answer: 'confirmed',
    });
  });

  it('still waits for orders about the archive itself', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await site.run('giveOrder', key, { kind: 'hold', by: 'jane' });
    await expect(site.run('abandonArchive', key, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'held',
    });
  });
});
