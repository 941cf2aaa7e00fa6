import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { verifyChain } from '../../src/ledger/verify-chain';
import { newConference, newKey, TENANT } from './archives';
import { reconciled } from './reconciled';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });
  const { secured, failed, needOf, age } = reconciled(database, () => ledger);

  describe('what EXPIRED', () => {
    it('is recorded once, with its event, in a chain that holds', async () => {
      const keys = Array.from({ length: 5 }, newKey);
      const conferenceId = newConference();
      const expired = keys.map(({ archiveId }) => ({ archiveId, conferenceId }));
      expect(await ledger.missListed(TENANT, [...expired, expired[0]!])).toBe(5);
      expect(await ledger.missListed(TENANT, expired)).toBe(0);
      for (const key of keys) {
        expect(await ledger.find(key)).toMatchObject({
          state: 'missed',
          conferenceId,
          platformStatus: 'EXPIRED',
        });
        expect(await ledger.history(key)).toMatchObject([
          {
            type: 'ingestion end',
            outcome: 'failure',
            detail: { state: 'missed', platformStatus: 'EXPIRED' },
          },
        ]);
        expect(await verifyChain(database(), key)).toEqual({ ok: true, events: 1 });
        expect(await needOf(key, 'expired')).toBeUndefined();
      }
    });

    it('and failed without a copy is missed', async () => {
      const key = await failed();
      expect(await needOf(key, 'expired')).toBe('missed');
      expect(await ledger.missListed(TENANT, [key])).toBe(1);
      expect(await ledger.find(key)).toMatchObject({ state: 'missed' });
    });

    it('is not missed where there is a copy, or a claim that is under way', async () => {
      const copied = await secured();
      await ledger.fail(copied, 'DeadlineExceeded');
      const open = newKey();
      await ledger.progress(open, 'downloading');
      expect(await ledger.missListed(TENANT, [copied, open])).toBe(0);
      expect(await ledger.find(copied)).toMatchObject({ state: 'failed' });
      expect(await ledger.find(open)).toMatchObject({ state: 'downloading' });
    });

    it('and is AVAILABLE after all is claimed again, after a day', async () => {
      const key = newKey();
      await ledger.missListed(TENANT, [key]);
      expect(await needOf(key, 'available')).toBeUndefined();
      expect(await needOf(await age(key, '25 hours'), 'available')).toBe('retried');
    });
  });
});
