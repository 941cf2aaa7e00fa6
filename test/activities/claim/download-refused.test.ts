import { attempt, bring, failure, incomingSizes, MIB, untilDownloads } from './downloading';
import { factsOf, openActivitySite, type ActivitySite } from '../activity-site';

describe('a download that the platform refuses', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  it.each(['EXPIRED', 'FAILED', 'PACKING'])('is not retried if the record says %s', async (status) => {
    const key = await site.archive();
    const facts = await factsOf(site, key);
    await site.simulator.setStatus(key.archiveId, { status });
    const error = await failure(attempt(site, key, facts));
    expect(error).toMatchObject({ type: 'NotDownloadable', nonRetryable: true });
  });

  it.each(['EXPIRED', 'FAILED'])('keeps the partial copy if the record says %s', async (status) => {
    const key = await site.archive({ size: 4 * MIB, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(site, key);
    await failure(attempt(site, key, facts));
    await site.simulator.setStatus(key.archiveId, { status });
    expect(await failure(attempt(site, key, facts))).toMatchObject({ type: 'NotDownloadable' });
    await site.simulator.setStatus(key.archiveId, { status: 'AVAILABLE' });
    await attempt(site, key, facts);
    expect((await untilDownloads(site, key, 3)).at(-1)).toMatchObject({ statusCode: 206 });
  });

  it.each([
    [404, 'ArchiveNotFound'],
    [409, 'ArchiveNotFound'],
    [410, 'ArchiveNotFound'],
    [401, 'CredentialsRejected'],
    [403, 'CredentialsRejected'],
    [400, 'PlatformUnavailable'],
    [503, 'PlatformUnavailable'],
  ])('with %i is retried, because the record says that the file exists', async (statusCode, type) => {
    const faults = [{ fault: 'status', endpoint: 'download', statusCode, times: 1 }] as const;
    const key = await site.archive({ faults: [...faults] });
    const facts = await factsOf(site, key);
    expect(await failure(attempt(site, key, facts))).toMatchObject({ type, nonRetryable: false });
    expect((await bring(site, key, facts)).secured.sha256).toBe(facts.sha256);
  });

  it('is retried if the record cannot be read either', async () => {
    const key = await site.archive({
      faults: [
        { fault: 'status', endpoint: 'download', statusCode: 404, times: 1 },
        { fault: 'recordFields', fields: { status: 'AVAILABLE' }, times: 1 },
        { fault: 'status', endpoint: 'record', statusCode: 503, times: 1 },
      ],
    });
    const facts = await factsOf(site, key);
    expect(await failure(attempt(site, key, facts))).toMatchObject({ type: 'ArchiveNotFound' });
  });

  it('on another server is not retried if the record says that the file is gone', async () => {
    const key = await site.archive({
      faults: [
        { fault: 'redirect', to: 'otherOrigin', expired: true },
        { fault: 'recordFields', fields: { status: 'AVAILABLE' }, times: 1 },
        { fault: 'recordFields', fields: { status: 'EXPIRED' } },
      ],
    });
    const facts = await factsOf(site, key);
    expect(await failure(attempt(site, key, facts))).toMatchObject({ type: 'NotDownloadable' });
  });
});

describe('an archive that is larger than claim.maxSize', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const upTo = (maxSize: number) => ({ settings: { ...site.settings, maxSize } });

  it('is refused before its first byte is written, if its length is announced', async () => {
    const key = await site.archive({ size: 8 * MIB });
    const facts = await factsOf(site, key);
    const error = await failure(attempt(site, key, facts, upTo(8 * MIB - 1)));
    expect(error).toMatchObject({ type: 'ArchiveTooLarge', nonRetryable: true });
    expect(error.message).toContain('`claim.maxSize`');
    expect(await incomingSizes(site, key)).toEqual([]);
    const [download] = await untilDownloads(site, key, 1);
    expect(download?.complete).toBe(false);
  });

  it('is accepted if it is exactly as large', async () => {
    const key = await site.archive({ size: 8 * MIB });
    const facts = await factsOf(site, key);
    await expect(attempt(site, key, facts, upTo(8 * MIB))).resolves.toMatchObject({ sizeBytes: 8 * MIB });
  });

  it.each(['chunked', 'endless'] as const)(
    'is refused during the transfer if its length is not announced (%s)',
    async (fault) => {
      const key = await site.archive({ size: 8 * MIB, faults: [{ fault }] });
      const facts = await factsOf(site, key);
      const error = await failure(attempt(site, key, facts, upTo(5 * MIB)));
      expect(error).toMatchObject({ type: 'ArchiveTooLarge', nonRetryable: true });
      expect(await incomingSizes(site, key)).toEqual([]);
      await untilDownloads(site, key, 1);
    },
  );

  it('is refused on resumption, too', async () => {
    const key = await site.archive({ size: 8 * MIB, faults: [{ fault: 'truncate', times: 1 }] });
    const facts = await factsOf(site, key);
    await failure(attempt(site, key, facts));
    const error = await failure(attempt(site, key, facts, { ...upTo(5 * MIB), attempt: 2 }));
    expect(error).toMatchObject({ type: 'ArchiveTooLarge' });
    expect(await incomingSizes(site, key)).toEqual([]);
  });

  it('is not written to a store without enough free space', async () => {
    const key = await site.archive({ faults: [{ fault: 'wrongLength', by: 2 ** 50, times: 1 }] });
    const facts = await factsOf(site, key);
    const error = await failure(attempt(site, key, facts, upTo(2 ** 52)));
    expect(error).toMatchObject({ type: 'StoreFull', nonRetryable: false });
    expect(await incomingSizes(site, key)).toEqual([]);
    expect((await bring(site, key, facts)).secured.sha256).toBe(facts.sha256);
  });
});
