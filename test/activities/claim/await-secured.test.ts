import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { claim, openWorkshop, secure, TENANT, untilTomorrow, type Workshop } from '../workshop';

describe('awaitAvailable, of an archive that was told or secured before,', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  const poll = (key: ArchiveKey) => workshop.run('awaitAvailable', key, untilTomorrow());
  const removeBag = (key: ArchiveKey) =>
    rm(fileURLToPath(workshop.store.locationOf(key)), { recursive: true });

  it('is urgent for what was abandoned and never secured, with or without a checksum', async () => {
    const key = await workshop.archive({ record: { sha256CheckSum: null } });
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'available', urgent: true });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ toldAt: expect.any(Date) as Date });
  });

  it('has missed what expired before there was a copy', async () => {
    const key = await workshop.archive();
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await expect(poll(key)).rejects.toMatchObject({ type: 'ArchiveMissed', nonRetryable: true });
  });

  it('finds a secured copy, and leaves nothing but the abandon to do', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'secured', secured });
  });

  it.each(['ABANDONED', 'EXPIRED'])('is done if the archive is secured here and %s there', async (status) => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.simulator.setStatus(key.archiveId, { status });
    await expect(poll(key)).resolves.toEqual({ outcome: 'done', secured, state: 'abandoned' });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      platformStatus: status,
      toldAt: expect.any(Date) as Date,
      ended: { reason: 'abandoned' },
    });
  });

  it('is decided if a person gave it up, even if there is no record', async () => {
    const key = await workshop.archive();
    await poll(key);
    await workshop.ledger.writeOrder(key, { kind: 'giveUp', by: 'alice' });
    await workshop.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);
    await expect(poll(key)).resolves.toEqual({ outcome: 'decided', decision: 'giveUp' });
    await workshop.simulator.clearFaults();
  });

  it('is done in the run that ended when the platform was told, and leaves a lost bag to the repair', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const own = { runId: 'own' };
    await workshop.runWith(own, 'awaitAvailable', key, untilTomorrow());
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await workshop.run('reconcileArchives', TENANT);
    await removeBag(key);
    const answer = workshop.runWith(own, 'awaitAvailable', key, untilTomorrow());
    await expect(answer).resolves.toEqual({ outcome: 'done', secured, state: 'abandoned' });
  });

  it('is done if the platform keeps no record of what was abandoned', async () => {
    const key = await workshop.archive();
    const secured = await claim(workshop, key);
    await workshop.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404 }]);
    await expect(poll(key)).resolves.toEqual({ outcome: 'done', secured, state: 'abandoned' });
    await workshop.simulator.clearFaults();
  });

  it.each([
    { status: 'AVAILABLE', urgent: false },
    { status: 'ABANDONED', urgent: true },
  ])(
    'downloads again if the ledger says secured, the bag is gone, and the platform says $status',
    async (shown) => {
      const key = await workshop.archive();
      await secure(workshop, key);
      await removeBag(key);
      await workshop.simulator.setStatus(key.archiveId, { status: shown.status });
      await expect(poll(key)).resolves.toMatchObject({ outcome: 'available', urgent: shown.urgent });
    },
  );

  it('downloads again if the latest fixity check of the secured copy failed', async () => {
    const key = await workshop.archive();
    await secure(workshop, key);
    const seen = (await workshop.ledger.find(key))?.fixity?.at ?? new Date();
    await workshop.ledger.noteMemberFixity(key, { verdict: 'damaged', seen });
    await expect(poll(key)).resolves.toMatchObject({ outcome: 'available', urgent: false });
  });

  it('proves a bag that was sealed and never recorded, even if the file has expired', async () => {
    const key = await workshop.archive();
    await secure(workshop, key);
    await workshop.database.query(
      `UPDATE archives SET state = 'verifying', secured_at = NULL, fixity_ok = NULL, fixity_at = NULL WHERE archive_id = $1`,
      [key.archiveId],
    );
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    const found = await poll(key);
    if (found.outcome !== 'available') throw new Error('It is not to be proven.');
    const copy = await workshop.run('downloadArchive', key, found.facts);
    await expect(workshop.run('verifyCopy', key, found.facts, copy)).resolves.toMatchObject({
      sha256: found.facts.sha256,
    });
  });
});
