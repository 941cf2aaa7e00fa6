import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FaultRule } from '../../../src/simulator';
import type { ArchiveKey } from '../../../src/domain/ids';
import { claim, openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

describe('awaitAvailable, for an archive that was told or secured before,', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const poll = (key: ArchiveKey) => site.run('awaitAvailable', key, untilTomorrow());
  const removeBag = (key: ArchiveKey) => rm(fileURLToPath(site.store.locationOf(key)), { recursive: true });

  it('is urgent if the archive was abandoned and never secured, with or without a checksum', async () => {
    const key = await site.archive({ record: { sha256CheckSum: null } });
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'available', urgent: true });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ toldAt: expect.any(Date) as Date });
  });

  it('returns missed if the archive expired before there was a copy', async () => {
    const key = await site.archive();
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await expect(poll(key)).rejects.toMatchObject({ type: 'ArchiveMissed', nonRetryable: true });
  });

  it('finds the secured copy, so that only the abandon remains', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'secured', secured });
  });

  it.each(['ABANDONED', 'EXPIRED'])('returns done if the archive is secured and %s there', async (status) => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await site.simulator.setStatus(key.archiveId, { status });
    await expect(poll(key)).resolves.toEqual({ outcome: 'done', secured, state: 'abandoned' });
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      platformStatus: status,
      toldAt: expect.any(Date) as Date,
      ended: { reason: 'abandoned' },
    });
  });

  it('respects a giveUp even if there is no record', async () => {
    const key = await site.archive();
    await poll(key);
    await site.ledger.writeOrder(key, { kind: 'giveUp', by: 'alice' });
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);
    await expect(poll(key)).resolves.toEqual({ outcome: 'decided', decision: 'giveUp' });
    await site.simulator.clearFaults();
  });

  it('returns done in the run that ended by telling, and leaves a lost bag to the repair', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    const own = { runId: 'own' };
    await site.runWith(own, 'awaitAvailable', key, untilTomorrow());
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.run('reconcileArchives', TENANT);
    await removeBag(key);
    const answer = site.runWith(own, 'awaitAvailable', key, untilTomorrow());
    await expect(answer).resolves.toEqual({ outcome: 'done', secured, state: 'abandoned' });
  });

  it.each<[string, FaultRule]>([
    ['is gone from the platform', { fault: 'status', endpoint: 'record', statusCode: 404 }],
    ['is garbage', { fault: 'invalidJson', endpoint: 'record' }],
    ["is another archive's", { fault: 'otherArchive' }],
    ['cannot be read', { fault: 'status', endpoint: 'record', statusCode: 503 }],
  ])('returns done if the record of an abandoned archive %s', async (_, fault) => {
    const key = await site.archive();
    const secured = await claim(site, key);
    await site.simulator.setFaults([fault]);
    await expect(poll(key)).resolves.toEqual({ outcome: 'done', secured, state: 'abandoned' });
    await site.simulator.clearFaults();
  });

  it.each([
    { status: 'AVAILABLE', urgent: false },
    { status: 'ABANDONED', urgent: true },
  ])(
    'requests another download if the ledger says secured, the bag is gone, and the platform says $status',
    async (shown) => {
      const key = await site.archive();
      await secure(site, key);
      await removeBag(key);
      await site.simulator.setStatus(key.archiveId, { status: shown.status });
      await expect(poll(key)).resolves.toMatchObject({ outcome: 'available', urgent: shown.urgent });
    },
  );

  it('requests another download if the latest fixity check of the secured copy failed', async () => {
    const key = await site.archive();
    await secure(site, key);
    const seen = (await site.ledger.find(key))?.fixity?.at ?? new Date();
    await site.ledger.noteMemberFixity(key, { verdict: 'damaged', seen });
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'available', urgent: false });
  });

  it('verifies a bag that was sealed but never recorded, even if the file has expired', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.database.query(
      `UPDATE archives SET state = 'verifying', secured_at = NULL, fixity_ok = NULL, fixity_at = NULL WHERE archive_id = $1`,
      [key.archiveId],
    );
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    const found = await poll(key);
    if (found.outcome !== 'available') throw new Error('It is not to be proven.');
    const copy = await site.run('downloadArchive', key, found.facts);
    await expect(site.run('verifyCopy', key, found.facts, copy)).resolves.toMatchObject({
      sha256: found.facts.sha256,
    });
  });
});
