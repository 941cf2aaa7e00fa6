import { sha256Of } from '../../../src/activities/subscriptions/inventory';
import { openSubscriptionSite, TENANT, type SubscriptionSite } from './subscription-site';

const NOW = { after: 0, spreadMs: 0 };

let site: SubscriptionSite;
beforeAll(async () => {
  site = await openSubscriptionSite();
});
afterEach(() => site.clear());
afterAll(() => site.close());

const register = (after = 0) => site.run('registerCallback', TENANT, { after, spreadMs: 0 });
const lacking = (...endpoints: ('subscriptions' | 'unsubscribe' | 'register')[]) =>
  site.simulator.setFaults(
    endpoints.map((endpoint) => ({ fault: 'status' as const, statusCode: 404, endpoint })),
  );

describe('registerCallback', () => {
  it('does nothing if a subscription works', async () => {
    const first = await register();
    expect(await register()).toEqual({ ...first, alreadyThere: true });
    expect(await site.listed()).toEqual([first.subscriptionId]);
  });

  it('registers another subscription above the given generation', async () => {
    const first = await register();
    const second = await register(first.generation);
    expect(second).toMatchObject({ alreadyThere: false });
    expect(await site.listed()).toEqual([first.subscriptionId, second.subscriptionId]);
  });

  it('adopts the subscription of an earlier attempt, and registers no other one', async () => {
    const unheard = await site.unheard();
    expect(await register()).toEqual({ ...unheard, alreadyThere: true });
    expect(await site.listed()).toEqual([unheard.subscriptionId]);
  });

  it('registers another one if somebody deleted ours, and keeps the secret of the missing one', async () => {
    const first = await register();
    await site.simulator.reset();
    expect(await register()).toMatchObject({ alreadyThere: false });
    const [missing] = await site.ledger.listGenerations(TENANT);
    expect(missing).toMatchObject({ generation: first.generation });
    expect(missing).toHaveProperty('retiredAt', undefined);
  });

  it('has one result for two concurrent runs', async () => {
    const both = await Promise.all(
      [0, 1].map(() => site.run('registerCallback', TENANT, { after: 0, spreadMs: 200 })),
    );
    const newest = both.reduce((a, b) => (a.generation > b.generation ? a : b));
    await site.run('deleteSuperseded', TENANT, newest.generation);
    expect(await site.listed()).toEqual([newest.subscriptionId]);
  });

  it('works if the platform lists nothing', async () => {
    await lacking('subscriptions');
    const first = await register();
    expect(await register()).toEqual({ ...first, alreadyThere: true });
    expect(await site.run('confirmCallback', TENANT, first)).toBe('unknown');
  });

  it('is not retried if the platform lacks the endpoint', async () => {
    await lacking('register');
    await expect(site.run('registerCallback', TENANT, NOW)).rejects.toMatchObject({
      type: 'SubscriptionsUnsupported',
      nonRetryable: true,
    });
  });
});

describe('confirmCallback', () => {
  it('fails until the platform lists the subscription', async () => {
    const registered = await register();
    expect(await site.run('confirmCallback', TENANT, registered)).toBe('yes');
    await site.simulator.reset();
    await expect(site.run('confirmCallback', TENANT, registered)).rejects.toMatchObject({
      type: 'SubscriptionUnconfirmed',
      nonRetryable: false,
    });
  });
});

describe('deleteSuperseded', () => {
  it('keeps the newest subscription and those of strangers', async () => {
    const stranger = await site.subscribe('https://other.example.com/callbacks/theirs');
    const first = await register();
    const second = await register(first.generation);
    expect(await site.run('deleteSuperseded', TENANT, undefined)).toEqual([]);
    expect(await site.run('deleteSuperseded', TENANT, second.generation)).toEqual([first.generation]);
    expect(await site.listed()).toEqual([stranger, second.subscriptionId]);
    expect(await site.run('deleteSuperseded', TENANT, second.generation)).toEqual([first.generation]);
  });

  it.each(['lists it', 'lists nothing'])(
    'keeps a subscription that the platform updated in place (old id, newest secret), if it %s',
    async (listing) => {
      const older = await site.ledger.addGeneration(TENANT, sha256Of('older'));
      const { generation, subscriptionId } = await site.unheard();
      for (const each of [older, generation])
        await site.ledger.noteSubscription(TENANT, each, subscriptionId);
      if (listing === 'lists nothing') await lacking('subscriptions');
      expect(await site.run('deleteSuperseded', TENANT, generation)).toEqual([older]);
      await site.simulator.clearFaults();
      expect(await site.listed()).toEqual([subscriptionId]);
    },
  );

  it('deletes nothing if the newest subscription is not listed', async () => {
    const first = await register();
    const second = await register(first.generation);
    await site.simulator.reset();
    await expect(site.run('deleteSuperseded', TENANT, second.generation)).rejects.toMatchObject({
      type: 'SubscriptionUnconfirmed',
    });
    const generations = await site.ledger.listGenerations(TENANT);
    expect(generations.map(({ generation }) => generation)).toEqual([first.generation, second.generation]);
    for (const each of generations) expect(each).toHaveProperty('supersededAt', undefined);
  });

  it('deletes nothing, and says so, if the new one is gone and an older one still works', async () => {
    const first = await register();
    const second = await register(first.generation);
    await site.platformOf(TENANT).deleteSubscription(second.subscriptionId, new AbortController().signal);
    await expect(site.run('deleteSuperseded', TENANT, second.generation)).rejects.toMatchObject({
      type: 'SubscriptionUnconfirmed',
      message: expect.stringContaining(`g${second.generation}`) as unknown,
    });
    expect(await site.listed()).toEqual([first.subscriptionId]);
  });

  it('is repeated by the next rotation if the platform could not delete', async () => {
    const first = await register();
    const second = await register(first.generation);
    await lacking('unsubscribe');
    await expect(site.run('deleteSuperseded', TENANT, second.generation)).rejects.toMatchObject({
      type: 'SubscriptionsUnsupported',
    });
    expect(await site.listed()).toHaveLength(2);
    await site.simulator.clearFaults();
    expect(await site.run('deleteSuperseded', TENANT, undefined)).toEqual([first.generation]);
    expect(await site.listed()).toHaveLength(1);
  });
});

describe('retireSecrets', () => {
  it('retires the secrets of deleted subscriptions, and deletes subscriptions that appear late', async () => {
    const late = await site.unheard();
    await site.ledger.noteSubscription(TENANT, late.generation, 'not-known-yet');
    const first = await register(late.generation);
    const second = await register(first.generation);
    const generations = await site.run('deleteSuperseded', TENANT, second.generation);
    expect(generations).toContain(first.generation);
    expect(
      await site.run('retireSecrets', TENANT, { fresh: second.generation, generations, forgottenMs: 0 }),
    ).toEqual([]);
    expect(await site.listed()).toEqual([second.subscriptionId]);
    const counting = (await site.ledger.listCallbackSecrets()).map(({ generation }) => generation);
    expect(counting).toEqual([second.generation]);
  });

  it('fails if the new subscription is gone', async () => {
    const first = await register();
    const second = await register(first.generation);
    const generations = await site.run('deleteSuperseded', TENANT, second.generation);
    await site.simulator.reset();
    await expect(
      site.run('retireSecrets', TENANT, { fresh: second.generation, generations, forgottenMs: 0 }),
    ).rejects.toMatchObject({ type: 'SubscriptionUnconfirmed' });
  });

  it('deletes a subscription that appears after its secret was retired', async () => {
    const unheard = await site.unheard();
    await lacking('subscriptions');
    const first = await register(unheard.generation);
    await site.run('retireSecrets', TENANT, { fresh: first.generation, generations: [], forgottenMs: 0 });
    await site.simulator.clearFaults();
    expect(await site.listed()).toHaveLength(2);
    await site.run('deleteSuperseded', TENANT, undefined);
    expect(await site.listed()).toEqual([first.subscriptionId]);
  });
});
