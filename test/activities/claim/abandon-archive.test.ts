import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { PlatformOf } from '../../../src/platform/create-platform';
import type { ArchiveRecord } from '../../../src/domain/record';
import { openWorkshop, requestsTo, secure, TENANT, type Workshop } from '../workshop';

describe('abandonArchive', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  const statusOf = async (key: ArchiveKey) => (await workshop.simulator.archive(key.archiveId)).status;
  const abandonsOf = (key: ArchiveKey) => requestsTo(workshop.simulator, 'abandon', key);

  /** The platform, but its records are changed. */
  function withRecord(changed: Partial<ArchiveRecord>): PlatformOf {
    return (tenant) => {
      const platform = workshop.platformOf(tenant);
      return {
        ...platform,
        fetchRecord: async (...args) => ({ ...(await platform.fetchRecord(...args)), ...changed }),
      };
    };
  }

  it('tells the platform, sees that it took effect, and records it', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await expect(workshop.run('abandonArchive', key, secured)).resolves.toEqual({ outcome: 'abandoned' });
    expect(await statusOf(key)).toBe('ABANDONED');
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      platformStatus: 'ABANDONED',
      toldAt: expect.any(Date) as Date,
      ended: { reason: 'abandoned' },
    });
  });

  it('tells the platform once, however often it runs', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    for (let i = 0; i < 3; i += 1) await workshop.run('abandonArchive', key, secured);
    expect(await abandonsOf(key)).toBe(1);
  });

  it('gives the same answer to an attempt whose predecessor lost its answer', async () => {
    const [key, held] = [await workshop.archive(), await workshop.archive()];
    const again = async (of: ArchiveKey) => {
      const secured = await secure(workshop, of);
      const run = (attempt: number) =>
        workshop.runWith({ runId: 'one', attempt }, 'abandonArchive', of, secured);
      return [await run(1), await run(2)];
    };
    expect(await again(key)).toEqual([{ outcome: 'abandoned' }, { outcome: 'abandoned' }]);
    await workshop.run('giveOrder', held, { kind: 'hold', by: 'jane' });
    const waits = { outcome: 'waits', waitsFor: 'held' };
    expect(await again(held)).toEqual([waits, waits]);
  });

  it('refuses what the ledger does not call secured, whatever it is told', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, await workshop.archive());
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'LedgerBehind',
      nonRetryable: true,
    });
    await workshop.run('awaitAvailable', key, { deadlineAt: Date.now() + 60_000 });
    await expect(workshop.run('abandonArchive', key, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    expect(await abandonsOf(key)).toBe(0);
  });

  it('waits in copy-only mode, until a person orders it', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const settings = { ...workshop.settings, abandon: false };
    const run = () => workshop.runWith({ settings }, 'abandonArchive', key, secured);
    await expect(run()).resolves.toEqual({ outcome: 'waits', waitsFor: 'copyOnly' });
    expect(await abandonsOf(key)).toBe(0);
    await workshop.ledger.orderAbandon(TENANT, [key.archiveId], 'jane');
    await expect(run()).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('refuses if the bag is no longer in the store, and has it downloaded again', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await rm(fileURLToPath(secured.location), { recursive: true });
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({ type: 'CopyMissing' });
    expect(await abandonsOf(key)).toBe(0);
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ fixity: { ok: false } });
    await secure(workshop, key);
    await expect(workshop.run('abandonArchive', key, secured)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('needs a person if the record changed its checksum after the copy was secured', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const platformOf = withRecord({ sha256: 'cd'.repeat(32) });
    await expect(workshop.runWith({ platformOf }, 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'RecordInvalid',
    });
    expect(await abandonsOf(key)).toBe(0);
  });

  it('judges by the conference that the record names now, and by every one that it ever named', async () => {
    const [key, sibling] = [await workshop.archive(), await workshop.archive({ conferenceId: 'moved-to' })];
    const secured = await secure(workshop, key);
    await workshop.run('awaitAvailable', sibling, { deadlineAt: Date.now() + 60_000 });
    const platformOf = withRecord({ conferenceId: 'moved-to' as never });
    await expect(workshop.runWith({ platformOf }, 'abandonArchive', key, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      conferenceIds: expect.arrayContaining(['moved-to', secured.conferenceId]) as string[],
    });
    expect(await abandonsOf(sibling)).toBe(0);
    await secure(workshop, sibling);
  });

  it('waits while another archive of the conference is not secured, and abandons all then', async () => {
    const conferenceId = 'shared-conference';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await workshop.run('awaitAvailable', other, { deadlineAt: Date.now() + 60_000 });
    await expect(workshop.run('abandonArchive', one, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    expect(await abandonsOf(one)).toBe(0);
    await secure(workshop, other);
    await expect(workshop.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
    for (const key of [one, other]) {
      expect(await statusOf(key)).toBe('ABANDONED');
      await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
    }
    expect(await abandonsOf(one)).toBe(1);
  });

  it('waits while the platform lists another archive of the conference that nobody announced', async () => {
    const conferenceId = 'half-announced-conference';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await expect(workshop.run('abandonArchive', one, secured)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    expect(await abandonsOf(one)).toBe(0);
    await secure(workshop, other);
    await expect(workshop.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it.each([
    { fault: 'emptyList' },
    { fault: 'truncate', endpoint: 'list' },
    { fault: 'status', endpoint: 'list', statusCode: 500 },
  ] as const)('abandons nothing by a list that cannot be whole: $fault', async (rule) => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.simulator.setFaults([rule]);
    const attempt = workshop.run('abandonArchive', key, secured);
    await expect(attempt).rejects.toMatchObject({
      type: expect.stringMatching(/^(ListIncomplete|PlatformUnavailable)$/) as string,
      nonRetryable: false,
    });
    await workshop.simulator.clearFaults();
    expect(await abandonsOf(key)).toBe(0);
  });

  it.each(['PROCESSING', 'SOMETHING_NEW', 'FAILED'])('never abandons on the status %s', async (status) => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.simulator.setStatus(key.archiveId, { status });
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'AbandonUnconfirmed',
      nonRetryable: false,
    });
    expect(await abandonsOf(key)).toBe(0);
  });

  it('finds out from the record that the platform was told before, of every archive of the conference', async () => {
    const conferenceId = 'told-before';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await secure(workshop, other);
    for (const key of [one, other])
      await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await expect(workshop.run('abandonArchive', one, secured)).resolves.toEqual({ outcome: 'abandoned' });
    for (const key of [one, other])
      await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
    expect(await abandonsOf(one)).toBe(0);
  });
});
