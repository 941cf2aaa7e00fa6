import { abandonsOf, expectNothingAbandoned, expectSecuredAndAbandoned } from './evidence';
import { PATIENCE_MS } from './in-spite-of';
import { STAYING, PASSING, type Lasting } from './cases/lasting';
import { openFaultSite, type FaultyClaim, type FaultSite } from './fault-site';

const CASES = { ...PASSING, ...STAYING };

describe('a claim fails at its deadline, and abandons nothing, if', () => {
  let site: FaultSite;
  const claims = new Map<string, FaultyClaim>();
  beforeAll(async () => {
    site = await openFaultSite({ isInRealTime: true, deadlineMs: 40_000 });
    const begin = async ([name, { archive }]: [string, Lasting]) =>
      claims.set(name, await site.claim(archive));
    await Promise.all(Object.entries(CASES).map(begin));
  }, PATIENCE_MS);
  afterAll(() => site.close());

  it.each(Object.entries(CASES))(
    '%s',
    async (name, { failure, abandons = 'none' }) => {
      const claim = claims.get(name)!;
      await expect(claim.handle.result()).rejects.toMatchObject({ cause: { type: 'DeadlineExceeded' } });
      expect(new Set(claim.failures.map(({ step, type }) => `${step}: ${type}`))).toEqual(new Set([failure]));
      await expectNothingAbandoned(site, claim);
      const sent = await abandonsOf(site, claim);
      expect(sent.length > 0).toBe(abandons === 'some');
      // After a request that may still take effect, nobody knows yet that nothing was told.
      const found = await site.ledger.find(claim.key);
      expect(found?.decided?.decision).toBe('deadline');
      expect(found?.state).toBe(abandons === 'some' ? 'secured' : 'failed');
    },
    PATIENCE_MS,
  );

  describe('and another claim of the archive succeeds afterwards, if', () => {
    beforeAll(async () => {
      await site.simulator.clearFaults();
      for (const name of Object.keys(PASSING)) {
        const { key, conferenceId } = claims.get(name)!;
        await site.ledger.writeOrder(key, { kind: 'claim', by: 'jane' });
        claims.set(name, await site.begin(key, conferenceId));
      }
    }, PATIENCE_MS);

    it.each(Object.keys(PASSING))(
      '%s',
      async (name) => {
        const claim = claims.get(name)!;
        await expect(claim.handle.result()).resolves.toMatchObject({ state: 'abandoned' });
        await expectSecuredAndAbandoned(site, claim);
        expect(claim.failures).toEqual([]);
      },
      PATIENCE_MS,
    );
  });
});
