import { attempt, bring, failure, incomingSizes, MIB, untilDownloads } from './downloading';
import { factsOf, openWorkshop, type Workshop } from '../workshop';

describe('a download that the platform refuses', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  it.each(['EXPIRED', 'FAILED', 'PACKING'])('is not tried again where the record says %s', async (status) => {
    const key = await workshop.archive();
    const facts = await factsOf(workshop, key);
    await workshop.simulator.setStatus(key.archiveId, { status });
    const error = await failure(attempt(workshop, key, facts));
    expect(error).toMatchObject({ type: 'NotDownloadable', nonRetryable: true });
  });

  it.each(['EXPIRED', 'FAILED'])('keeps what there is of it where the record says %s', async (status) => {
    const key = await workshop.archive({ size: 4 * MIB, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(workshop, key);
    await failure(attempt(workshop, key, facts));
    await workshop.simulator.setStatus(key.archiveId, { status });
    expect(await failure(attempt(workshop, key, facts))).toMatchObject({ type: 'NotDownloadable' });
    await workshop.simulator.setStatus(key.archiveId, { status: 'AVAILABLE' });
    await attempt(workshop, key, facts);
    expect((await untilDownloads(workshop, key, 3)).at(-1)).toMatchObject({ statusCode: 206 });
  });

  it.each([
    [404, 'ArchiveNotFound'],
    [409, 'ArchiveNotFound'],
    [410, 'ArchiveNotFound'],
    [401, 'CredentialsRejected'],
    [403, 'CredentialsRejected'],
    [400, 'PlatformUnavailable'],
    [503, 'PlatformUnavailable'],
  ])('with %i, though its record says that it is there, is tried again', async (statusCode, type) => {
    const faults = [{ fault: 'status', endpoint: 'download', statusCode, times: 1 }] as const;
    const key = await workshop.archive({ faults: [...faults] });
    const facts = await factsOf(workshop, key);
    expect(await failure(attempt(workshop, key, facts))).toMatchObject({ type, nonRetryable: false });
    expect((await bring(workshop, key, facts)).secured.sha256).toBe(facts.sha256);
  });

  it('is tried again where the record cannot be had either', async () => {
    const key = await workshop.archive({
      faults: [
        { fault: 'status', endpoint: 'download', statusCode: 404, times: 1 },
        { fault: 'recordFields', fields: { status: 'AVAILABLE' }, times: 1 },
        { fault: 'status', endpoint: 'record', statusCode: 503, times: 1 },
      ],
    });
    const facts = await factsOf(workshop, key);
    expect(await failure(attempt(workshop, key, facts))).toMatchObject({ type: 'ArchiveNotFound' });
  });

  it('on another server, where the record says that the file is gone, is not tried again', async () => {
    const key = await workshop.archive({
      faults: [
        { fault: 'redirect', to: 'otherOrigin', expired: true },
        { fault: 'recordFields', fields: { status: 'AVAILABLE' }, times: 1 },
        { fault: 'recordFields', fields: { status: 'EXPIRED' } },
      ],
    });
    const facts = await factsOf(workshop, key);
    expect(await failure(attempt(workshop, key, facts))).toMatchObject({ type: 'NotDownloadable' });
  });
});

describe('an archive that is larger than claim.maxSize', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  const upTo = (maxSize: number) => ({ settings: { ...workshop.settings, maxSize } });

  it('is refused before its first byte is written, where its length is said', async () => {
    const key = await workshop.archive({ size: 8 * MIB });
    const facts = await factsOf(workshop, key);
    const error = await failure(attempt(workshop, key, facts, upTo(8 * MIB - 1)));
    expect(error).toMatchObject({ type: 'ArchiveTooLarge', nonRetryable: true });
    expect(error.message).toContain('`claim.maxSize`');
    expect(await incomingSizes(workshop, key)).toEqual([]);
    const [download] = await untilDownloads(workshop, key, 1);
    expect(download?.complete).toBe(false);
  });

  it('is taken where it is just as large', async () => {
    const key = await workshop.archive({ size: 8 * MIB });
    const facts = await factsOf(workshop, key);
    await expect(attempt(workshop, key, facts, upTo(8 * MIB))).resolves.toMatchObject({ sizeBytes: 8 * MIB });
  });

  it.each(['chunked', 'endless'] as const)(
    'is refused on the way where its length is not said (%s)',
    async (fault) => {
      const key = await workshop.archive({ size: 8 * MIB, faults: [{ fault }] });
      const facts = await factsOf(workshop, key);
      const error = await failure(attempt(workshop, key, facts, upTo(5 * MIB)));
      expect(error).toMatchObject({ type: 'ArchiveTooLarge', nonRetryable: true });
      expect(await incomingSizes(workshop, key)).toEqual([]);
      await untilDownloads(workshop, key, 1);
    },
  );

  it('is refused when it goes on, too', async () => {
    const key = await workshop.archive({ size: 8 * MIB, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(workshop, key);
    await failure(attempt(workshop, key, facts));
    const error = await failure(attempt(workshop, key, facts, { ...upTo(5 * MIB), attempt: 2 }));
    expect(error).toMatchObject({ type: 'ArchiveTooLarge' });
    expect(await incomingSizes(workshop, key)).toEqual([]);
  });

  it('is not filled into a store without room for it', async () => {
    const key = await workshop.archive({ faults: [{ fault: 'wrongLength', by: 2 ** 50, times: 1 }] });
    const facts = await factsOf(workshop, key);
    const error = await failure(attempt(workshop, key, facts, upTo(2 ** 52)));
    expect(error).toMatchObject({ type: 'StoreFull', nonRetryable: false });
    expect(await incomingSizes(workshop, key)).toEqual([]);
    expect((await bring(workshop, key, facts)).secured.sha256).toBe(facts.sha256);
  });
});
