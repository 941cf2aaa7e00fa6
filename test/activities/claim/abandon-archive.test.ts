import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { PlatformOf } from '../../../src/platform/create-platform';
import type { ArchiveRecord } from '../../../src/domain/record';
import { openActivitySite, requestsTo, secure, TENANT, type ActivitySite } from '../activity-site';

describe('abandonArchive', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const statusOf = async (key: ArchiveKey) => (await site.simulator.archive(key.archiveId)).status;
  const abandonsOf = (key: ArchiveKey) => requestsTo(site.simulator, 'abandon', key);

  /** The platform, but its records are changed. */
  function withRecord(changed: Partial<ArchiveRecord>): PlatformOf {
    return (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        fetchRecord: async (...args) => ({ ...(await platform.fetchRecord(...args)), ...changed }),
      };
    };
  }

  it('tells the platform, sees that the request took effect, and records it', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await expect(site.run('abandonArchive', key, secured)).resolves.toEqual({ outcome: 'abandoned' });
    expect(await statusOf(key)).toBe('ABANDONED');
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      platformStatus: 'ABANDONED',
      toldAt: expect.any(Date) as Date,
      ended: { reason: 'abandoned' },
    });
  });

  it('tells the platform once, however often the activity runs', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    for (let i = 0; i < 3; i += 1) await site.run('abandonArchive', key, secured);
    expect(await abandonsOf(key)).toBe(1);
  });

  it('returns the same result to a retry whose predecessor lost its answer', async () => {
    const [key, held] = [await site.archive(), await site.archive()];
    const again = async (of: ArchiveKey) => {
      const secured = await secure(site, of);
      const run = (attempt: number) => site.runWith({ runId: 'one', attempt }, 'abandonArchive', of, secured);
      return [await run(1), await run(2)];
    };
    expect(await again(key)).toEqual([{ outcome: 'abandoned' }, { outcome: 'abandoned' }]);
    await site.run('giveOrder', held, { kind: 'hold', by: 'jane' });
    const waits = { outcome: 'waits', waitsFor: 'held' };
    expect(await again(held)).toEqual([waits, waits]);
  });

  it('refuses an archive that is not secured in the ledger, whatever its input says', async () => {
    const key = await site.archive();
    const secured = await secure(site, await site.archive());
    await expect(site.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'LedgerBehind',
      nonRetryable: true,
    });
    await site.run('awaitAvailable', key, { deadlineAt: Date.now() + 60_000 });
    await expect(site.run('abandonArchive', key, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    expect(await abandonsOf(key)).toBe(0);
  });

  it('waits in copy-only mode until a person orders the abandon', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    const settings = { ...site.settings, abandon: false };
    const run = () => site.runWith({ settings }, 'abandonArchive', key, secured);
    await expect(run()).resolves.toEqual({ outcome: 'waits', waitsFor: 'copyOnly' });
    expect(await abandonsOf(key)).toBe(0);
    await site.ledger.orderAbandon(TENANT, [key.archiveId], 'jane');
    await expect(run()).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('refuses if the bag is no longer in the store, and requests another download', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await rm(fileURLToPath(secured.location), { recursive: true });
    await expect(site.run('abandonArchive', key, secured)).rejects.toMatchObject({ type: 'CopyMissing' });
    expect(await abandonsOf(key)).toBe(0);
    await expect(site.ledger.find(key)).resolves.toMatchObject({ fixity: { ok: false } });
    await secure(site, key);
    await expect(site.run('abandonArchive', key, secured)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('asks a person if the checksum in the record changed after the copy was secured', async () => {
    const key = await site.archive();
    const secured = await secure(site, key);
    const platformOf = withRecord({ sha256: 'cd'.repeat(32) });
    await expect(site.runWith({ platformOf }, 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'RecordInvalid',
    });
    expect(await abandonsOf(key)).toBe(0);
  });

  it('judges by the conference that the record names now and by every earlier one', async () => {
    const [key, sibling] = [await site.archive(), await site.archive({ conferenceId: 'moved-to' })];
    const secured = await secure(site, key);
    await site.run('awaitAvailable', sibling, { deadlineAt: Date.now() + 60_000 });
    const platformOf = withRecord({ conferenceId: 'moved-to' as never });
    await expect(site.runWith({ platformOf }, 'abandonArchive', key, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      conferenceIds: expect.arrayContaining(['moved-to', secured.conferenceId]) as string[],
    });
    expect(await abandonsOf(sibling)).toBe(0);
    await secure(site, sibling);
  });

  it('waits while another archive of the conference is not secured, and then abandons all of them', async () => {
    const conferenceId = 'shared-conference';
    const [one, other] = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    const secured = await secure(site, one);
    await site.run('awaitAvailable', other, { deadlineAt: Date.now() + 60_000 });
    await expect(site.run('abandonArchive', one, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    expect(await abandonsOf(one)).toBe(0);
    await secure(site, other);
    await expect(site.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
    for (const key of [one, other]) {
      expect(await statusOf(key)).toBe('ABANDONED');
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
    }
    expect(await abandonsOf(one)).toBe(1);
  });

  it('waits while the platform lists another archive of the conference that was never announced', async () => {
    const conferenceId = 'half-announced-conference';
    const [one, other] = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    const secured = await secure(site, one);
    await expect(site.run('abandonArchive', one, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    expect(await abandonsOf(one)).toBe(0);
    await secure(site, other);
    await expect(site.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it.each([
    { fault: 'emptyList' },
    { fault: 'truncate', endpoint: 'list' },
    { fault: 'status', endpoint: 'list', statusCode: 500 },
  ] as const)('abandons nothing based on a list that cannot be whole: $fault', async (rule) => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await site.simulator.setFaults([rule]);
    const attempt = site.run('abandonArchive', key, secured);
    await expect(attempt).rejects.toMatchObject({
      type: expect.stringMatching(/^(ListIncomplete|PlatformUnavailable)$/) as string,
      nonRetryable: false,
    });
    await site.simulator.clearFaults();
    expect(await abandonsOf(key)).toBe(0);
  });

  it.each(['PROCESSING', 'SOMETHING_NEW', 'FAILED'])('never abandons an archive in %s', async (status) => {
    const key = await site.archive();
    const secured = await secure(site, key);
    await site.simulator.setStatus(key.archiveId, { status });
    await expect(site.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'AbandonUnconfirmed',
      nonRetryable: false,
    });
    expect(await abandonsOf(key)).toBe(0);
  });

  it('learns from the records that the platform was already told, for every archive of the conference', async () => {
    const conferenceId = 'told-before';
    const [one, other] = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    const secured = await secure(site, one);
    await secure(site, other);
    for (const key of [one, other]) await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await expect(site.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
    for (const key of [one, other])
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
    expect(await abandonsOf(one)).toBe(0);
  });
});
