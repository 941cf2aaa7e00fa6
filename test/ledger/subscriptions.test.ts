import { randomBytes } from 'node:crypto';
import { parseTenantId, type TenantId } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import type { Generation } from '../../src/ledger/sql/subscriptions';
import { withDatabase } from '../support/postgres';

const newHash = (): string => randomBytes(32).toString('hex');

withDatabase((database) => {
  let ledger: Ledger;
  let tenant: TenantId;
  beforeEach(() => {
    ledger = createLedger(database());
    tenant = parseTenantId(`t${randomBytes(8).toString('hex')}`);
  });

  async function registered(): Promise<number> {
    const generation = await ledger.addGeneration(tenant, newHash());
    expect(await ledger.noteSubscription(tenant, generation, `s${generation}`)).toBe(true);
    return generation;
  }

  async function states(): Promise<string[]> {
    return (await ledger.listGenerations(tenant)).map(stateOf);
  }

  async function counting(): Promise<number[]> {
    const secrets = (await ledger.listCallbackSecrets()).filter((each) => each.tenant === tenant);
    return secrets.map(({ generation }) => generation).sort((a, b) => a - b);
  }

  it('concurrently added generations get different numbers, and the secret of each counts at once', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => ledger.addGeneration(tenant, newHash())));
    expect(new Set(made).size).toBe(20);
    expect(await counting()).toEqual([...made].sort((a, b) => a - b));
    expect(await states()).toEqual(Array.from({ length: 20 }, () => 'pending'));
  });

  it('the ledger stores only hashes, from which no secret can be derived', async () => {
    const sha256 = newHash();
    await ledger.addGeneration(tenant, sha256);
    const [row] = await database().query('SELECT * FROM subscriptions WHERE tenant = $1', [tenant]);
    const texts = Object.values(row ?? {}).filter((value) => typeof value === 'string');
    expect(texts.sort()).toEqual([tenant, sha256].sort());
  });

  it('the ledger accepts a hash only once', async () => {
    const sha256 = newHash();
    await ledger.addGeneration(tenant, sha256);
    await expect(ledger.addGeneration(tenant, sha256)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
  });

  it('the ledger keeps the first subscription of a generation', async () => {
    const generation = await registered();
    expect(await ledger.noteSubscription(tenant, generation, `s${generation}`)).toBe(true);
    expect(await ledger.noteSubscription(tenant, generation, 'another')).toBe(false);
    expect(await ledger.listGenerations(tenant)).toMatchObject([{ subscriptionId: `s${generation}` }]);
  });

  it('the ledger supersedes generations older than a registered one, and never the newest', async () => {
    const [first, second, third] = [await registered(), await registered(), await registered()];
    await ledger.supersede(tenant, second);
    expect(await states()).toEqual(['superseded', 'registered', 'registered']);
    await Promise.all([first, second, third].map((keep) => ledger.supersede(tenant, keep)));
    expect(await states()).toEqual(['superseded', 'superseded', 'registered']);
  });

  it.each([
    ['pending', async () => await ledger.addGeneration(tenant, newHash())],
    ['unknown', () => Promise.resolve(2_000_000_000)],
    [
      'unsubscribed',
      async () => {
        const generation = await registered();
        await ledger.noteUnsubscribed(tenant, generation);
        return generation;
      },
    ],
  ])('the ledger supersedes nothing for a generation that is %s', async (_name, newer) => {
    await registered();
    await ledger.supersede(tenant, await newer());
    expect((await states())[0]).toBe('registered');
  });

  it('the ledger does not touch the generations of other tenants', async () => {
    const first = await registered();
    const other = parseTenantId(`o${randomBytes(8).toString('hex')}`);
    const newer = await ledger.addGeneration(other, newHash());
    await ledger.noteSubscription(other, newer, 's');
    await ledger.supersede(tenant, newer);
    await ledger.noteUnsubscribed(other, first);
    await ledger.retire(other, [first]);
    expect(await states()).toEqual(['registered']);
  });

  it('a secret counts until it is retired, which needs the platform to have deleted its subscription', async () => {
    const [first, second] = [await registered(), await registered()];
    await ledger.retire(tenant, [first]);
    expect(await states()).toEqual(['registered', 'registered']);
    await ledger.supersede(tenant, second);
    await ledger.retire(tenant, [first]);
    expect(await states()).toEqual(['superseded', 'registered']);
    await ledger.noteUnsubscribed(tenant, first);
    expect(await counting()).toEqual([first, second]);
    await ledger.retire(tenant, [first, second]);
    expect(await states()).toEqual(['retired', 'registered']);
    expect(await counting()).toEqual([second]);
  });

  it('the ledger retires by age the generations that the platform deleted, and returns them', async () => {
    const [first, second] = [await registered(), await registered()];
    await ledger.noteUnsubscribed(tenant, first);
    expect(await ledger.retireUnsubscribed(tenant, 60_000)).toEqual([]);
    expect(await ledger.retireUnsubscribed(tenant, 0)).toEqual([first]);
    expect(await ledger.retireUnsubscribed(tenant, 0)).toEqual([]);
    expect(await counting()).toEqual([second]);
  });

  it('the ledger retires a generation that has been pending for long once a newer one is registered', async () => {
    const forgotten = await ledger.addGeneration(tenant, newHash());
    await ledger.retireForgotten(tenant, 0);
    expect(await states()).toEqual(['pending']);
    await registered();
    await ledger.retireForgotten(tenant, 60_000);
    expect(await states()).toEqual(['pending', 'registered']);
    await ledger.retireForgotten(tenant, 0);
    expect(await states()).toEqual(['retired', 'registered']);
    expect(await ledger.noteSubscription(tenant, forgotten, 'late')).toBe(false);
  });

  it('the database refuses to retire a registered generation, whoever writes it', async () => {
    const generation = await registered();
    await expect(
      database().query('UPDATE subscriptions SET retired_at = now() WHERE generation = $1', [generation]),
    ).rejects.toThrow(/retired_is_not_subscribed/);
  });
});

function stateOf({ registeredAt, supersededAt, unsubscribedAt, retiredAt }: Generation): string {
  if (retiredAt) return 'retired';
  if (unsubscribedAt) return 'unsubscribed';
  if (supersededAt) return 'superseded';
  return registeredAt ? 'registered' : 'pending';
}
