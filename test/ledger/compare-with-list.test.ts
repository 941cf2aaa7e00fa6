import type { ArchiveKey } from '../../src/domain/ids';
import { OPEN_STATES } from '../../src/domain/states';
import type { Availability } from '../../src/domain/statuses';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import type { Discrepancy } from '../../src/ledger/reconciliation';
import { newKey, TENANT } from './archives';
import { reconciled, TERMS } from './reconciled';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });
  const { secured, needOf, age } = reconciled(database, () => ledger);

  describe('an archive that is not known', () => {
    it.each<[Availability, Discrepancy['need']]>([
      ['available', 'missing'],
      ['inProgress', 'unfinished'],
      ['failed', 'unfinished'],
      ['abandoned', 'rescued'],
      ['expired', 'missed'],
    ])('and %s on the platform is %s', async (availability, need) => {
      expect(await needOf(newKey(), availability)).toBe(need);
    });

    it('is told once, however often the list names it', async () => {
      const { archiveId } = newKey();
      const twice = [
        { archiveId, availability: 'inProgress' },
        { archiveId, availability: 'available' },
      ] as const;
      expect(await ledger.compareWithList(TENANT, twice, TERMS)).toEqual([{ archiveId, need: 'missing' }]);
    });

    it("is another tenant's business where that tenant knows it", async () => {
      const { archiveId } = await secured();
      const listed = [{ archiveId, availability: 'available' }] as const;
      expect(await ledger.compareWithList('other' as never, listed, TERMS)).toMatchObject([
        { need: 'missing' },
      ]);
    });
  });

  it('that waits in the inbox was announced; what is deleted soon does not wait for that', async () => {
    const key = newKey();
    await ledger.keepInInbox([{ ...key, dueInMs: 0 }]);
    expect(await needOf(key, 'available')).toBeUndefined();
    expect(await needOf(key, 'inProgress')).toBeUndefined();
    expect(await needOf(key, 'abandoned')).toBe('rescued');
    await ledger.removeFromInbox([key]);
    expect(await needOf(key, 'available')).toBe('missing');
  });

  it('finds the few that need something among many that do not', async () => {
    const known = await Promise.all(Array.from({ length: 40 }, secured));
    const unknown = Array.from({ length: 3 }, newKey);
    const listed = [...known, ...unknown].map(({ archiveId }) => ({
      archiveId,
      availability: 'available' as const,
    }));
    const found = await ledger.compareWithList(TENANT, listed, TERMS);
    expect(found.map(({ archiveId }) => archiveId).sort()).toEqual(
      unknown.map(({ archiveId }) => archiveId).sort(),
    );
  });

  describe('a claim that is under way', () => {
    it.each(OPEN_STATES)('is left alone in %s, whatever the list says', async (state) => {
      const key = newKey();
      await ledger.progress(key, state);
      for (const availability of ['available', 'abandoned', 'expired'] as const)
        expect(await needOf(key, availability)).toBeUndefined();
    });

    it('is lost where it has not moved for an hour, and told so once an hour', async () => {
      const key = newKey();
      await ledger.progress(key, 'downloading');
      await age(key, '61 minutes');
      expect(await needOf(key, 'available')).toBe('lost');
      expect(await needOf(key, 'available')).toBeUndefined();
      await age(key, '61 minutes');
      expect(await needOf(key, 'expired')).toBe('lost');
    });

    it('and lost is rescued where the platform has ABANDONED it', async () => {
      const key = newKey();
      await ledger.needAttention(await age(await waiting(key), '61 minutes'), 'ChecksumMissing');
      expect(await needOf(key, 'abandoned')).toBeUndefined();
      await age(key, '61 minutes');
      expect(await needOf(key, 'abandoned')).toBe('rescued');
    });

    it('and lost after it was secured is told only where it is to be abandoned, or the platform was told', async () => {
      const key = await age(await secured(), '61 minutes');
      expect(await needOf(key, 'available', { abandon: false })).toBeUndefined();
      expect(await needOf(key, 'abandoned', { abandon: false })).toBe('lost');
      const other = await age(await secured(), '61 minutes');
      expect(await needOf(other, 'available')).toBe('lost');
    });

    it('and secured more than a day ago is left to a person: copy-only mode may have ended it', async () => {
      const key = await age(await secured(), '25 hours');
      await database().query(
        "UPDATE archives SET secured_at = secured_at - interval '25 hours' WHERE archive_id = $1",
        [key.archiveId],
      );
      expect(await needOf(key, 'available')).toBeUndefined();
      expect(await needOf(key, 'expired')).toBe('lost');
    });

    async function waiting(key: ArchiveKey): Promise<ArchiveKey> {
      await ledger.progress(key, 'waiting');
      return key;
    }
  });

  it('has nothing to do for what was abandoned', async () => {
    const key = await secured();
    await ledger.abandon(key, 'ABANDONED');
    await age(key, '10 days');
    for (const availability of ['available', 'abandoned', 'expired'] as const)
      expect(await needOf(key, availability)).toBeUndefined();
  });
});
