import type { FailureType } from '../../src/domain/failures';
import type { ArchiveKey } from '../../src/domain/ids';
import { OPEN_STATES } from '../../src/domain/states';
import type { Availability } from '../../src/domain/statuses';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import type { Discrepancy } from '../../src/ledger/reconciliation';
import { newKey, TENANT } from './archives';
import { onEveryDatabase } from './on-every-database';
import { reconciled, TERMS } from './reconciled';

onEveryDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });
  const { secured, failed, needOf, age } = reconciled(database, () => ledger);

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

  describe('a claim that failed', () => {
    it('is retried after a day, and at most once a day', async () => {
      const key = await failed();
      expect(await needOf(key, 'available')).toBeUndefined();
      await age(key, '25 hours');
      expect(await needOf(key, 'available')).toBe('retried');
      expect(await needOf(key, 'available')).toBeUndefined();
      await age(key, '25 hours');
      expect(await needOf(key, 'available')).toBe('retried');
    });

    it('is retried seven times, and then given up', async () => {
      const key = await failed();
      const needs: unknown[] = [];
      for (let day = 0; day < 9; day += 1) needs.push(await needOf(await age(key, '25 hours'), 'available'));
      expect(needs).toEqual([...Array<string>(7).fill('retried'), 'givenUp', 'givenUp']);
    });

    it('after it was secured is retried, too', async () => {
      const key = await secured();
      await ledger.fail(key, 'DeadlineExceeded');
      expect(await needOf(await age(key, '25 hours'), 'expired')).toBe('retried');
    });

    it.each<FailureType>(['GivenUp', 'Cancelled'])(
      'with %s is never retried: a person wanted it',
      async (reason) => {
        const key = await age(await failed(reason), '25 hours');
        for (const availability of ['available', 'abandoned', 'expired'] as const)
          expect(await needOf(key, availability)).toBeUndefined();
      },
    );

    it('for another reason after it had been given up and claimed again is retried', async () => {
      const key = await failed('DeadlineExceeded', await failed('GivenUp'));
      expect(await needOf(await age(key, '25 hours'), 'available')).toBe('retried');
    });

    it('once more after it was secured and failed, and given up then, is not retried', async () => {
      const key = await secured();
      await ledger.fail(key, 'DeadlineExceeded');
      await ledger.noteDecision(key, { id: key.archiveId, choice: 'giveUp', by: 'jane' });
      expect(await needOf(await age(key, '25 hours'), 'available')).toBeUndefined();
    });

    it('without a copy is rescued at once where the platform has ABANDONED it, and once an hour', async () => {
      const key = await failed();
      expect(await needOf(key, 'abandoned')).toBe('rescued');
      expect(await needOf(key, 'abandoned')).toBeUndefined();
      expect(await needOf(await age(key, '61 minutes'), 'abandoned')).toBe('rescued');
    });

    it('is picked only where there is room, and counts as left else; what is to be rescued needs none', async () => {
      const keys = [await failed(), await failed(), await failed()];
      for (const key of keys) await age(key, '25 hours');
      const rescued = await failed();
      const listed = [
        ...keys.map(({ archiveId }) => ({ archiveId, availability: 'available' as const })),
        { archiveId: rescued.archiveId, availability: 'abandoned' as const },
      ];
      const needs = async (room: number): Promise<unknown[]> =>
        (await ledger.compareWithList(TENANT, listed, { abandon: true, room }))
          .map(({ need }) => need)
          .sort();
      expect(await needs(1)).toEqual(['left', 'left', 'rescued', 'retried']);
      expect(await needs(5)).toEqual(['retried', 'retried']);
    });
  });

  it('tells each of two who compare at once what the other was not told', async () => {
    const keys = await Promise.all(Array.from({ length: 30 }, () => failed()));
    for (const key of keys) await age(key, '25 hours');
    const listed = keys.map(({ archiveId }) => ({ archiveId, availability: 'available' as const }));
    const found = await Promise.all(
      [listed, listed.toReversed(), listed].map((each) => ledger.compareWithList(TENANT, each, TERMS)),
    );
    const retried = found.flat().filter(({ need }) => need === 'retried');
    expect(retried.map(({ archiveId }) => archiveId).sort()).toEqual(
      keys.map(({ archiveId }) => archiveId).sort(),
    );
  });
});
