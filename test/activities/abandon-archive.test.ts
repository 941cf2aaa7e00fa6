import type { PlatformOf } from '../../src/platform/platform';
import { openWorkshop, requestsTo, secure, type Workshop } from './workshop';

describe('abandonArchive', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  /** The platform, but its abandon is `abandon`. */
  function withAbandon(abandon: (real: () => Promise<void>) => Promise<void>): PlatformOf {
    return (tenant) => {
      const platform = workshop.platformOf(tenant);
      return { ...platform, abandon: (...args) => abandon(() => platform.abandon(...args)) };
    };
  }

  it('tells the platform, sees that it took effect, and records it', async () => {
    const key = await workshop.archive();
    await workshop.run('abandonArchive', key, await secure(workshop, key));
    await expect(workshop.simulator.archive(key.archiveId)).resolves.toMatchObject({ status: 'ABANDONED' });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      platformStatus: 'ABANDONED',
    });
  });

  it('tells the platform once, however often it runs', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    for (let i = 0; i < 3; i += 1) await workshop.run('abandonArchive', key, secured);
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(1);
  });

  it('refuses what the ledger does not call secured, whatever it is told', async () => {
    const key = await workshop.archive();
    const { conferenceId, sha256 = '' } = await workshop.simulator.archive(key.archiveId);
    const secured = {
      ...(await secure(workshop, await workshop.archive())),
      conferenceId: conferenceId as never,
      sha256,
    };
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: expect.stringMatching(/^(CopyMissing|NotSecured)$/) as string,
    });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });

  it('refuses in copy-only mode', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const settings = { ...workshop.settings, abandon: false };
    await expect(workshop.runWith({ settings }, 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'NotSecured',
    });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });

  it('refuses where the bag is no longer in the store', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.store.discard(key, 'sealed');
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({ type: 'CopyMissing' });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });

  it('refuses where the record changed its conference or its checksum after the copy was secured', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const moved: PlatformOf = (tenant) => {
      const platform = workshop.platformOf(tenant);
      return {
        ...platform,
        fetchRecord: async (...args) => ({
          ...(await platform.fetchRecord(...args)),
          conferenceId: 'another' as never,
        }),
      };
    };
    await expect(
      workshop.runWith({ platformOf: moved }, 'abandonArchive', key, secured),
    ).rejects.toMatchObject({ type: 'NotSecured' });
    const changed: PlatformOf = (tenant) => {
      const platform = workshop.platformOf(tenant);
      return {
        ...platform,
        fetchRecord: async (...args) => ({
          ...(await platform.fetchRecord(...args)),
          sha256: 'cd'.repeat(32),
        }),
      };
    };
    await expect(
      workshop.runWith({ platformOf: changed }, 'abandonArchive', key, secured),
    ).rejects.toMatchObject({ type: 'RecordInvalid' });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });

  it('waits while the platform lists another archive of the conference that nobody announced', async () => {
    const conferenceId = 'half-announced-conference';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await expect(workshop.run('abandonArchive', one, secured)).rejects.toMatchObject({
      type: 'ConferenceNotSecured',
      nonRetryable: false,
    });
    expect(await requestsTo(workshop.simulator, 'abandon', one)).toBe(0);
    await secure(workshop, other);
    await workshop.run('abandonArchive', one, secured);
    await expect(workshop.ledger.find(one)).resolves.toMatchObject({ state: 'abandoned' });
  });

  it.each([
    { fault: 'emptyList' },
    { fault: 'truncate', endpoint: 'list' },
    { fault: 'status', endpoint: 'list', statusCode: 500 },
  ] as const)('abandons nothing on a list that cannot be whole: $fault', async (rule) => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.simulator.setFaults([rule]);
    const attempt = workshop.run('abandonArchive', key, secured);
    await expect(attempt).rejects.toMatchObject({ type: 'PlatformUnavailable', nonRetryable: false });
    await workshop.simulator.clearFaults();
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });

  it('waits while another archive of the conference is not secured', async () => {
    const conferenceId = 'shared-conference';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    const secured = await secure(workshop, one);
    await workshop.run('awaitAvailable', other);
    await expect(workshop.run('abandonArchive', one, secured)).rejects.toMatchObject({
      type: 'ConferenceNotSecured',
      nonRetryable: false,
    });
    expect(await requestsTo(workshop.simulator, 'abandon', one)).toBe(0);
    await secure(workshop, other);
    await workshop.run('abandonArchive', one, secured);
    await expect(workshop.simulator.archive(other.archiveId)).resolves.toMatchObject({ status: 'ABANDONED' });
  });

  it('does not believe an accepted abandon that had no effect', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const platformOf = withAbandon(() => Promise.resolve());
    await expect(workshop.runWith({ platformOf }, 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'AbandonUnconfirmed',
      nonRetryable: false,
    });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'secured' });
  });

  it('finds out by the next try that an abandon that failed took effect', async () => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    const platformOf = withAbandon(async (real) => {
      await real();
      throw new Error('the answer was lost');
    });
    await expect(workshop.runWith({ platformOf }, 'abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'Unexpected',
    });
    await workshop.run('abandonArchive', key, secured);
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(1);
  });

  it.each(['PROCESSING', 'SOMETHING_NEW', 'FAILED'])('never abandons on the status %s', async (status) => {
    const key = await workshop.archive();
    const secured = await secure(workshop, key);
    await workshop.simulator.setStatus(key.archiveId, { status });
    await expect(workshop.run('abandonArchive', key, secured)).rejects.toMatchObject({
      type: 'AbandonUnconfirmed',
    });
    expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(0);
  });
});
