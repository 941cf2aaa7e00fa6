import { openWorkshop, secure, TENANT, type Workshop } from '../workshop';

describe('an abandon whose endpoint addresses archives', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    const abandon = '/communication/archives/archives/{archiveId}/abandon';
    workshop = await openWorkshop({ endpoints: { abandon } });
  });
  afterAll(() => workshop.close());

  it('needs neither the other archives of the conference nor a list', async () => {
    const conferenceId = 'addressed-one-by-one';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await workshop.run('awaitAvailable', other, { deadlineAt: Date.now() + 60_000 });
    await expect(workshop.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
    expect((await workshop.simulator.archive(other.archiveId)).status).toBe('AVAILABLE');
    await expect(workshop.ledger.latestList(TENANT)).resolves.toHaveProperty('begunAt', undefined);
    await expect(workshop.run('giveOrder', other, { kind: 'hold', by: 'jane' })).resolves.toMatchObject({
      answer: 'confirmed',
    });
  });

  it('still waits for what was decided about the archive itself', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.run('giveOrder', key, { kind: 'hold', by: 'jane' });
    await expect(workshop.run('abandonArchive', key, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'held',
    });
  });
});
