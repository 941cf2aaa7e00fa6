import type { ArchiveKey } from '../../../src/domain/ids';
import type { ArchiveRecord } from '../../../src/domain/record';
import type { PlatformOf } from '../../../src/platform/create-platform';
import type { ArchiveStore } from '../../../src/store/archive-store';
import { age, DAY_MS } from '../../ledger/archives';
import { openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

/** A file that the platform makes anew, or restores, after the copy was secured is another one: nobody has a copy of it. */
describe('a file that the platform creates again is not abandoned', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const abandon = (key: ArchiveKey, other: Partial<ActivitySite> = {}) =>
    site.runWith(other, 'abandonArchive', key, {} as never);
  const statusOf = async ({ archiveId }: ArchiveKey) => (await site.simulator.archive(archiveId)).status;
  const pair = async (conferenceId: string) =>
    [await site.archive({ conferenceId }), await site.archive({ conferenceId })] as const;

  /** The platform, but with something else in one archive's record. */
  function showing({ archiveId }: ArchiveKey, change: (record: ArchiveRecord) => ArchiveRecord): PlatformOf {
    return (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        async fetchRecord(asked, signal) {
          const record = await platform.fetchRecord(asked, signal);
          return asked.archiveId === archiveId ? change(record) : record;
        },
      };
    };
  }

  it('if this happens while the copy of another archive of its conference is read back', async () => {
    const [own, other] = await pair('read-back');
    for (const key of [other, own]) await secure(site, key);
    await age(site.database, other, 2 * DAY_MS);
    const open: ArchiveStore['open'] = async (key, copyId) => {
      await site.simulator.setStatus(own.archiveId, { status: 'PACKING' });
      return await site.store.open(key, copyId);
    };
    await expect(abandon(own, { store: { ...site.store, open } })).rejects.toMatchObject({
      type: 'AbandonUnconfirmed',
    });
    expect(await statusOf(own)).toBe('PACKING');
    expect(await statusOf(other)).toBe('AVAILABLE');
  });

  it.each(['own', 'other'] as const)(
    'while it has no checksum, unless a person accepts that: the %s one',
    async (whose) => {
      const [own, other] = await pair(`lost-checksum-${whose}`);
      for (const key of [other, own]) await secure(site, key);
      const anew = whose === 'own' ? own : other;
      const platformOf = showing(anew, ({ status, conferenceId, source, content }) => ({
        status,
        source,
        content,
        ...(conferenceId && { conferenceId }),
      }));
      await expect(abandon(own, { platformOf })).rejects.toMatchObject({ type: 'ChecksumMissing' });
      expect([await statusOf(own), await statusOf(other)]).toEqual(['AVAILABLE', 'AVAILABLE']);
      await site.run('giveOrder', anew, { kind: 'acceptWithoutChecksum', by: 'jane' });
      await expect(abandon(own, { platformOf })).resolves.toEqual({ outcome: 'abandoned' });
    },
  );

  it('after it expired before there was a copy, until there is one', async () => {
    const [own, other] = await pair('restored');
    await site.simulator.setStatus(other.archiveId, { status: 'EXPIRED' });
    await site.run('awaitAvailable', other, untilTomorrow()).catch(() => undefined);
    await site.simulator.setStatus(other.archiveId, { status: 'AVAILABLE' });
    await secure(site, own);
    await site.run('reconcileArchives', TENANT);
    await expect(abandon(own)).resolves.toEqual({ outcome: 'waits', waitsFor: 'notSecured' });
    expect([await statusOf(own), await statusOf(other)]).toEqual(['AVAILABLE', 'AVAILABLE']);
    await secure(site, other);
    await site.run('awaitAvailable', own, untilTomorrow());
    await expect(abandon(own)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('if its archive was told before, whatever an old list says: the record decides', async () => {
    const [own, other] = await pair('stale-list');
    for (const key of [other, own]) await secure(site, key);
    await site.simulator.setStatus(other.archiveId, { status: 'EXPIRED' });
    await site.ledger.noteTold(TENANT, [{ ...other, status: 'EXPIRED' }], { recheckMs: 0, periodMs: 0 });
    await site.ledger.noteShown(other, { status: 'AVAILABLE' });
    await expect(abandon(own)).resolves.toEqual({ outcome: 'abandoned' });
    await expect(site.ledger.find(other)).resolves.toMatchObject({ platformStatus: 'EXPIRED' });
  });
});
