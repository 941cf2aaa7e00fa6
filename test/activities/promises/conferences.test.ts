import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { openActivitySite, secure, TENANT, type ActivitySite } from '../activity-site';
import { ChangedLists, type ListAnswer } from './changed-lists';

/**
 * An abandon addresses a conference, and with it all its archives: none may be told while any of them is not safe. The numbers are
 * those of the issue "Conferences, people, zombies".
 */
describe('an abandon of a conference with several archives', () => {
  const lists = new ChangedLists();
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite({ before: (url) => lists.open(url) })));
  afterEach(() => {
    lists.change = (list) => ({ text: JSON.stringify(list) });
  });
  afterAll(async () => {
    await site.close();
    await lists.close();
  });

  const bagOf = (key: ArchiveKey) => fileURLToPath(site.store.locationOf(key));
  const statusOf = async (key: ArchiveKey) => (await site.simulator.archive(key.archiveId)).status;

  /** Two archives of one conference. */
  async function pair(conferenceId: string): Promise<[ArchiveKey, ArchiveKey]> {
    return [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
  }

  async function expectWaits(
    key: ArchiveKey,
    waitsFor: string,
    others: readonly ArchiveKey[],
  ): Promise<void> {
    await expect(site.run('abandonArchive', key, {} as never)).resolves.toEqual({
      outcome: 'waits',
      waitsFor,
    });
    for (const each of [key, ...others]) expect(await statusOf(each)).not.toBe('ABANDONED');
  }

  describe('1. waits while the copy of another one is not good', () => {
    it.each([
      ['is gone', (bag: string) => rm(bag, { recursive: true })],
      ['lacks its file', (bag: string) => rm(join(bag, 'data/archive.zip'))],
      ['lacks its manifest', (bag: string) => rm(join(bag, 'manifest-sha256.txt'))],
    ])('its bag %s', async (what, harm) => {
      const [one, other] = await pair(`bag-${what.replaceAll(' ', '-')}`);
      await secure(site, one);
      await secure(site, other);
      await harm(bagOf(other));
      await expectWaits(one, 'notSecured', [other]);
      await expect(site.ledger.find(other)).resolves.toMatchObject({ fixity: { ok: false } });
      // Due for the sweep, whose repair queues the one that waits.
      expect(await site.ledger.dueForFixity(TENANT, 100)).toContainEqual(expect.objectContaining(other));
    });

    it('it was secured weeks ago, and is damaged since', async () => {
      const [one, other] = await pair('secured-weeks-ago');
      await secure(site, one);
      await secure(site, other);
      await site.database.query(
        "UPDATE archives SET fixity_at = fixity_at - interval '3 weeks' WHERE archive_id = $1",
        [other.archiveId],
      );
      await truncate(join(bagOf(other), 'data/archive.zip'), 100);
      await expectWaits(one, 'notSecured', [other]);
    });
  });

  it('2. waits while the list has an archive without a usable conference and without a copy', async () => {
    const [one, other] = await pair('without-conference');
    await secure(site, one);
    lists.change = (list) => ({
      text: JSON.stringify(
        list.map((each) =>
          each['archiveId'] === other.archiveId ? { ...each, conferenceId: undefined } : each,
        ),
      ),
    });
    await expectWaits(one, 'conferenceUnknown', [other]);
    await site.database.query("UPDATE archives SET conference_ids = '{known-now}' WHERE archive_id = $1", [
      other.archiveId,
    ]);
  });

  it('4. marks every archive that was abandoned with it: each gets a recheck and a confirmation', async () => {
    const [one, other] = await pair('abandoned-along');
    await secure(site, one);
    await secure(site, other);
    await site.run('abandonArchive', one, {} as never);
    await expect(site.ledger.find(other)).resolves.toMatchObject({
      state: 'abandoned',
      toldAt: expect.any(Date) as Date,
      fixityDueAt: expect.any(Date) as Date,
      confirmDueAt: expect.any(Date) as Date,
    });
  });

  it('4. is detected in the list for an archive that somebody else abandoned with it', async () => {
    const [one, other] = await pair('abandoned-by-somebody');
    await secure(site, one);
    await secure(site, other);
    for (const key of [one, other]) await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.run('reconcileArchives', TENANT);
    for (const key of [one, other])
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned', ended: {} });
  });

  describe('16. relies on no list that is not fully understood', () => {
    const without = (list: readonly Record<string, unknown>[], { archiveId }: ArchiveKey) => {
      const others = list
        .filter((each) => each['archiveId'] !== archiveId)
        .map((each) => JSON.stringify(each));
      const own = list.filter((each) => each['archiveId'] === archiveId);
      return { others, own: JSON.stringify(own) };
    };
    it.each<[string, (list: readonly Record<string, unknown>[], other: ArchiveKey) => ListAnswer]>([
      [
        'another archive is nested in an array',
        (list, other) => {
          const { others, own } = without(list, other);
          return { text: `[${[...others, own].join(',')}]` };
        },
      ],
      [
        'garbage stands in the place of another archive',
        (list, other) => ({
          text: `[${without(list, other).others.join(',')}, <html>502 Bad Gateway</html> ]`,
        }),
      ],
      [
        'a word stands in the place of another archive',
        (list, other) => ({ text: `[${[...without(list, other).others, '"error"'].join(',')}]` }),
      ],
      ['it was answered 206', (list) => ({ text: JSON.stringify(list), statusCode: 206 })],
      [
        'it says that it is a part by Content-Range',
        (list, other) => ({
          text: `[${without(list, other).others.join(',')}]`,
          headers: { 'content-range': `items 0-${list.length - 2}/${list.length}` },
        }),
      ],
      [
        'it has fewer archives than X-Total-Count says',
        (list, other) => ({
          text: `[${without(list, other).others.join(',')}]`,
          headers: { 'x-total-count': String(list.length) },
        }),
      ],
    ])('%s', async (what, change) => {
      const [one, other] = await pair(`not-whole-${what.replaceAll(/[^a-z]/gi, '-')}`.slice(0, 100));
      await secure(site, one);
      lists.change = (list) => change(list, other);
      await expect(site.run('abandonArchive', one, {} as never)).rejects.toMatchObject({
        type: expect.stringMatching(/^(ListIncomplete|PlatformUnavailable)$/) as string,
        nonRetryable: false,
      });
      expect(await statusOf(other)).toBe('AVAILABLE');
    });
  });

  it.each<[string, string, Parameters<ActivitySite['simulator']['setStatus']>[1] | 'another checksum']>([
    ['names another checksum', 'RecordInvalid', 'another checksum'],
    ['is being made again', 'AbandonUnconfirmed', { status: 'PROCESSING' }],
    ['FAILED', 'AbandonUnconfirmed', { status: 'FAILED' }],
  ])(
    'is not sent while the record of a secured archive %s, because the file may have changed',
    async (what, type, changed) => {
      const [one, other] = await pair(`remade-${what.replaceAll(' ', '-')}`);
      await secure(site, one);
      await secure(site, other);
      const bytes = changed === 'another checksum';
      if (bytes) await site.simulator.setFaults([{ fault: 'wrongChecksum', archiveId: other.archiveId }]);
      else await site.simulator.setStatus(other.archiveId, changed);
      await expect(site.run('abandonArchive', one, {} as never)).rejects.toMatchObject({ type });
      for (const each of [one, other]) expect(await statusOf(each)).not.toBe('ABANDONED');
    },
  );

  it('17. waits for an archive that FAILED, as it may become AVAILABLE', async () => {
    const [one, other] = await pair('failed-sibling');
    await secure(site, one);
    await site.simulator.setStatus(other.archiveId, { status: 'FAILED' });
    await expectWaits(one, 'notSecured', [other]);
  });

  it('waits for an archive that the list shows in an undocumented status', async () => {
    const [one, other] = await pair('undocumented-sibling');
    await secure(site, one);
    await site.simulator.setStatus(other.archiveId, { status: 'ARCHIVED_SOMEWHERE' });
    await expectWaits(one, 'notSecured', [other]);
  });
});
