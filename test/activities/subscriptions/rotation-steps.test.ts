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
  it('does nothing if one works', async () => {
    const first = await register();
    expect(await register()).toEqual({ ...first, alreadyThere: true });
    expect(await site.listed()).toEqual([first.subscriptionId]);
  });

  it('makes another above the generation that it is told', async () => {
    const first = await register();
    const second = await register(first.generation);
    expect(second).toMatchObject({ alreadyThere: false });
    expect(await site.listed()).toEqual([first.subscriptionId, second.subscriptionId]);
  });

  it('adopts what an earlier try registered, and makes no other', async () => {
    const unheard = await site.unheard();
    expect(await register()).toEqual({ ...unheard, alreadyThere: true });
    expect(await site.listed()).toEqual([unheard.subscriptionId]);
  });

  it('makes another if somebody deleted ours on the platform, and keeps the secret of the one that is missing', async () => {
    const first = await register();
    await site.simulator.reset();
    expect(await register()).toMatchObject({ alreadyThere: false });
    const [missing] = await site.ledger.listGenerations(TENANT);
    expect(missing).toMatchObject({ generation: first.generation });
    expect(missing).toHaveProperty('retiredAt', undefined);
  });

  it('has one result for two that run at the same time', async () => {
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

  it('does not try again if the platform lacks the endpoint', async () => {
    await lacking('register');
    await expect(site.run('registerCallback', TENANT, NOW)).rejects.toMatchObject({
      type: 'SubscriptionsUnsupported',
      nonRetryable: true,
    });
  });
});

describe('confirmCallback', () => {
  it('fails until the platform lists it', async () => {
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
  it('leaves the newest and every stranger', async () => {
    const stranger = await site.subscribe('https://other.example.com/callbacks/theirs');
    const first = await register();
    const second = await register(first.generation);
    expect(await site.run('deleteSuperseded', TENANT, undefined)).toEqual([]);
    expect(await site.run('deleteSuperseded', TENANT, second.generation)).toEqual([first.generation]);
    expect(await site.listed()).toEqual([stranger, second.subscriptionId]);
    expect(await site.run('deleteSuperseded', TENANT, second.generation)).toEqual([first.generation]);
  });

  it.each(['lists it', 'lists nothing'])(
    'leaves a subscription that the platform has changed in place, an old id with the newest secret, if it %s',
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

  it('deletes nothing if the newest is not listed', async () => {
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

  it('deletes nothing, and says so, if the fresh one is gone and an older one still works', async () => {
    const first = await register();
    const second = await register(first.generation);
    await site.platformOf(TENANT).deleteSubscription(second.subscriptionId, new AbortController().signal);
    await expect(site.run('deleteSuperseded', TENANT, second.generation)).rejects.toMatchObject({
      type: 'SubscriptionUnconfirmed',
      message: expect.stringContaining(`g${second.generation}`) as unknown,
    });
    expect(await site.listed()).toEqual([first.subscriptionId]);
  });

  it('is done again by the next rotation if the platform could not delete', async () => {
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
  it('retires what was deleted, and deletes what shows up late', async () => {
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

  it('fails if the fresh subscription is gone', async () => {
    const first = await register();
    const second = await register(first.generation);
    const generations = await site.run('deleteSuperseded', TENANT, second.generation);
    await site.simulator.reset();
    await expect(
      site.run('retireSecrets', TENANT, { fresh: second.generation, generations, forgottenMs: 0 }),
    ).rejects.toMatchObject({ type: 'SubscriptionUnconfirmed' });
  });

  it('deletes the subscription of a secret that was retired before it showed up', async () => {
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
