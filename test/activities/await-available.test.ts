import { openWorkshop, requestsTo, secure, TENANT, type Workshop } from './workshop';
import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';

describe('awaitAvailable', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  it('gives conference, checksum and status of an archive that is available, and nothing else of its record', async () => {
    const key = await workshop.archive();
    const { conferenceId, sha256 } = await workshop.simulator.archive(key.archiveId);
    await expect(workshop.run('awaitAvailable', key)).resolves.toEqual({
      outcome: 'available',
      facts: { conferenceId, sha256, platformStatus: 'AVAILABLE' },
      hurry: false,
    });
  });

  it('keeps the record in the ledger, exactly as the platform gave it', async () => {
    const key = await workshop.archive({ record: { note: 'Jane Doe', nested: { n: 1.5 } } });
    await workshop.run('awaitAvailable', key);
    const answer = await fetch(
      `${workshop.simulator.url}/api/v2/communication/archives/archives/${key.archiveId}`,
      {
        headers: { 'api-key': workshop.simulator.apiKey },
      },
    );
    expect((await workshop.ledger.find(key))?.recordSource).toBe(await answer.text());
  });

  it.each(['PROCESSING', 'ARTIFACT_GATHERING_COMPLETE', 'PACKING', 'SOMETHING_NEW'])(
    'asks again while the status is %s',
    async (status) => {
      const key = await workshop.archive({ statuses: [{ status }] });
      await workshop.simulator.untilStatus(key.archiveId, status);
      await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({
        type: 'NotYetAvailable',
        nonRetryable: false,
        category: 'BENIGN',
      });
      await expect(workshop.ledger.find(key)).resolves.toMatchObject({
        state: 'waiting',
        platformStatus: status,
      });
    },
  );

  it('doubles the pause between two questions up to claim.poll.max', async () => {
    const key = await workshop.archive({ statuses: [{ status: 'PROCESSING' }] });
    const pauses = [];
    for (const attempt of [1, 2, 3, 6, 1000]) {
      const failure: unknown = await workshop
        .runWith({ attempt }, 'awaitAvailable', key)
        .catch((error: unknown) => error);
      pauses.push((failure as { nextRetryDelay: number }).nextRetryDelay);
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 300_000, 300_000]);
  });

  it('needs a person where the platform failed to make the archive', async () => {
    const key = await workshop.archive({ statuses: [{ status: 'FAILED', error: 'no disk' }] });
    await workshop.simulator.untilStatus(key.archiveId, 'FAILED');
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({
      type: 'PlatformFailed',
      nonRetryable: true,
    });
  });

  it('needs a person where the record has no checksum, unless none is required', async () => {
    const key = await workshop.archive({ record: { sha256CheckSum: null } });
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'ChecksumMissing' });
    const settings = { ...workshop.settings, requireChecksum: false };
    await expect(workshop.runWith({ settings }, 'awaitAvailable', key)).resolves.toMatchObject({
      outcome: 'available',
    });
  });

  it('needs a person where the record names no usable conference', async () => {
    const key = await workshop.archive({ record: { conferenceId: '../../etc' } });
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'RecordInvalid' });
  });

  it('needs a person where the record is of another archive', async () => {
    const key = await workshop.archive({ record: { archiveId: 'another' } });
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'RecordInvalid' });
  });

  it('goes on asking for an archive that the platform does not know: an error is no proof that it is gone', async () => {
    const key = { tenant: TENANT, archiveId: parseArchiveId('unknown') };
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({
      type: 'ArchiveNotFound',
      nonRetryable: false,
    });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'announced' });
  });

  it('needs a person for a tenant that is not configured', async () => {
    const key = { tenant: parseTenantId('nobody'), archiveId: parseArchiveId('a') };
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'UnknownTenant' });
  });

  it('hurries to download what was abandoned and never secured, with or without a checksum', async () => {
    const key = await workshop.archive({ record: { sha256CheckSum: null } });
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await expect(workshop.run('awaitAvailable', key)).resolves.toMatchObject({
      outcome: 'available',
      hurry: true,
    });
  });

  it('has missed what expired before there was a copy', async () => {
    const key = await workshop.archive();
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({
      type: 'ArchiveMissed',
      nonRetryable: true,
    });
  });

  it.each(['ABANDONED', 'EXPIRED'])(
    'is done where the archive is secured here and %s there',
    async (status) => {
      const key = await workshop.archive();
      const secured = await secure(workshop, key);
      await workshop.simulator.setStatus(key.archiveId, { status });
      await expect(workshop.run('awaitAvailable', key)).resolves.toEqual({ outcome: 'done', secured });
      await expect(workshop.ledger.find(key)).resolves.toMatchObject({
        state: 'abandoned',
        platformStatus: status,
      });
    },
  );

  it('downloads again where the ledger says secured and the bag is gone, while the platform still has it', async () => {
    const key = await workshop.archive();
    await secure(workshop, key);
    await workshop.store.discard(key, 'sealed');
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await expect(workshop.run('awaitAvailable', key)).resolves.toMatchObject({
      outcome: 'available',
      hurry: true,
    });
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'ArchiveMissed' });
  });

  it('asks nobody about an archive that is recorded as abandoned', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.run('abandonArchive', key, secured);
    const before = await requestsTo(workshop.simulator, 'record', key);
    await expect(workshop.run('awaitAvailable', key)).resolves.toEqual({ outcome: 'done', secured });
    expect(await requestsTo(workshop.simulator, 'record', key)).toBe(before);
  });

  it('refuses an archive id that is a path', async () => {
    const key = { tenant: TENANT, archiveId: '../a' } as unknown as ArchiveKey;
    await expect(workshop.run('awaitAvailable', key)).rejects.toMatchObject({ type: 'InvalidInput' });
  });
});
