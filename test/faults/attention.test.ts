import { ANNOUNCED, PROGRESS, type ClaimProgress } from '../../src/domain/claim';
import { until } from '../e2e/until';
import { AFTER_LONG, AT_ONCE, type Needed } from './cases/attention';
import { downloadsOf, expectNothingAbandoned, expectSecuredAndAbandoned } from './evidence';
import { PATIENCE_MS } from './in-spite-of';
import { openFaultSite, type FaultyClaim, type FaultSite } from './fault-site';

const MIB = 1024 * 1024;
const MINUTE = 60_000;
const CASES = { ...AT_ONCE, ...AFTER_LONG };

describe('a claim asks a person, and abandons nothing, if', () => {
  let site: FaultSite;
  const claims = new Map<string, FaultyClaim>();
  beforeAll(async () => {
    site = await openFaultSite({ settings: { maxSize: 4 * MIB } });
    const begin = async ([name, { archive }]: [string, Needed]) =>
      claims.set(name, await site.claim(archive));
    await Promise.all(Object.entries(CASES).map(begin));
  }, PATIENCE_MS);
  afterAll(() => site.close());

  it.each(Object.entries(AT_ONCE))('%s', expectAttention, PATIENCE_MS);

  describe('for half an hour', () => {
    beforeAll(async () => {
      const refused = Object.keys(AFTER_LONG).map((name) => claims.get(name)!);
      await site.sleep(25 * MINUTE);
      expect(await reasonsFor(refused)).toEqual([undefined, undefined, undefined]);
      // Each try takes a moment of its own besides.
      while ((await reasonsFor(refused)).includes(undefined)) await site.sleep(MINUTE);
    }, PATIENCE_MS);

    it.each(Object.entries(AFTER_LONG))('%s', expectAttention, PATIENCE_MS);
  });

  describe('and continues afterwards, if', () => {
    beforeAll(async () => {
      await site.simulator.clearFaults();
      for (const { key, handle } of claims.values()) {
        await site.simulator.setStatus(key.archiveId, { status: 'AVAILABLE' });
        await handle.signal(ANNOUNCED);
      }
    }, PATIENCE_MS);

    it.each(Object.keys(CASES))(
      '%s',
      async (name) => {
        const claim = claims.get(name)!;
        await expect(claim.handle.result()).resolves.toMatchObject({ state: 'abandoned' });
        await expectSecuredAndAbandoned(site, claim);
        expect((await site.ledger.find(claim.key))?.attention).toBeUndefined();
      },
      PATIENCE_MS,
    );
  });

  async function expectAttention(name: string, { reason, downloads }: Needed): Promise<void> {
    const claim = claims.get(name)!;
    await until(`${name}: ${reason}`, async () => (await reasonFor(claim)) !== undefined);
    expect(await reasonFor(claim)).toBe(reason);
    expect(await site.ledger.find(claim.key)).toMatchObject({ attention: { reason } });
    if (downloads !== undefined) expect(await downloadsOf(site, claim)).toHaveLength(downloads);
    await expectNothingAbandoned(site, claim);
  }

  async function reasonsFor(some: readonly FaultyClaim[]): Promise<readonly (string | undefined)[]> {
    return await Promise.all(some.map(reasonFor));
  }

  /** What the claim shows in Temporal once the ledger shows something, too. */
  async function reasonFor({ key, handle }: FaultyClaim): Promise<string | undefined> {
    if ((await site.ledger.find(key))?.attention === undefined) return undefined;
    return (await handle.query<ClaimProgress>(PROGRESS)).attention;
  }
});
