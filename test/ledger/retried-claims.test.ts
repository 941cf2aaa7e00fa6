import type { FailureType } from '../../src/domain/failures';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { TENANT } from './archives';
import { reconciled, TERMS } from './reconciled';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });
  const { secured, failed, needOf, age } = reconciled(database, () => ledger);

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
