import type { ArchiveKey } from '../../../src/domain/ids';
import type { ArchivesSpec } from '../../../src/simulator';
import { factsOf, openActivitySite, secure, untilTomorrow, type ActivitySite } from '../activity-site';

const NO_ZIP: ArchivesSpec = { content: 'notAZip' };
const WITHOUT_CHECKSUM: ArchivesSpec = { ...NO_ZIP, record: { sha256CheckSum: null } };

describe('a copy that is not a readable zip', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const accept = (key: ArchiveKey, kind: 'acceptUnreadable' | 'acceptWithoutChecksum') =>
    site.run('giveOrder', key, { kind, by: 'jane@example.com' });
  const needPerson = async () => {
    const entries = await site.ledger.list({ state: 'attention', limit: 100 });
    return entries.map(({ archiveId }) => archiveId);
  };

  it('is secured with a warning if its checksum matches, and abandoned once a person accepts it', async () => {
    const key = await site.archive(NO_ZIP);
    const copy = await secure(site, key);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'secured',
      warning: 'ZipUnreadable',
      fixity: { ok: true },
    });
    const waits = { outcome: 'waits', waitsFor: 'warning' };
    await expect(site.run('abandonArchive', key, copy)).resolves.toEqual(waits);
    expect((await site.simulator.archive(key.archiveId)).status).toBe('AVAILABLE');
    expect(await needPerson()).toContain(key.archiveId);

    await expect(accept(key, 'acceptUnreadable')).resolves.toMatchObject({ answer: 'confirmed' });
    expect(await needPerson()).not.toContain(key.archiveId);
    // The next run of the claim.
    await site.run('awaitAvailable', key, untilTomorrow());
    await expect(site.run('abandonArchive', key, copy)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('blocks the abandon of the other archives of its conference', async () => {
    const conferenceId = 'with-a-flaw';
    const [flawed, good] = [
      await site.archive({ ...NO_ZIP, conferenceId }),
      await site.archive({ conferenceId }),
    ];
    await secure(site, flawed);
    const copy = await secure(site, good);
    const waits = { outcome: 'waits', waitsFor: 'warning' };
    await expect(site.run('abandonArchive', good, copy)).resolves.toEqual(waits);
  });

  it('is kept, and needs no person, if somebody else told the platform', async () => {
    const key = await site.archive(WITHOUT_CHECKSUM);
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await secure(site, key);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      warning: 'ZipUnreadable',
    });
    expect(await needPerson()).not.toContain(key.archiveId);
  });

  it('is not kept without a checksum, because it may be truncated, whatever a person accepts', async () => {
    const key = await site.archive(WITHOUT_CHECKSUM);
    await site.run('awaitAvailable', key, untilTomorrow()).catch(() => undefined);
    await accept(key, 'acceptWithoutChecksum');
    const facts = await factsOf(site, key);
    const copy = await site.run('downloadArchive', key, facts);
    const refused = { type: 'ZipUnreadable', nonRetryable: true };
    await expect(site.run('verifyCopy', key, facts, copy)).rejects.toMatchObject(refused);

    // Nobody has seen the bytes that would arrive next.
    await accept(key, 'acceptUnreadable');
    const other = await site.run('downloadArchive', key, facts);
    await expect(site.run('verifyCopy', key, facts, other)).rejects.toMatchObject(refused);
  });
});
