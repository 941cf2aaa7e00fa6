import { deleteSubscriptions } from '../../../src/activities/subscriptions/remove';
import {
  lookAtDeliveries,
  listSubscriptions,
  readReports,
} from '../../../src/activities/subscriptions/reports';
import { parseConfig } from '../../../src/config/load-config';
import type { DeliveriesSeen } from '../../../src/domain/subscriptions';
import { activityEnvironment } from '../../support/activity-environment';
import { openSubscriptionSite, TENANT, type SubscriptionSite } from './subscription-site';

const STRANGER = 'https://user@other.example.com/strange-secret/x?key=strange-secret';
const NEVER = new AbortController().signal;

let site: SubscriptionSite;
beforeAll(async () => {
  site = await openSubscriptionSite();
});
afterEach(() => site.clear());
afterAll(() => site.close());

const register = (after = 0) => site.run('registerCallback', TENANT, { after, spreadMs: 0 });
const list = () => listSubscriptions(site, TENANT, NEVER);
const remove = (subscriptionIds?: readonly string[], acceptsNone = true) =>
  deleteSubscriptions(site, TENANT, { subscriptionIds, acceptsNone }, NEVER);

describe('a list of subscriptions', () => {
  it('shows which subscriptions are ours, and no secret', async () => {
    await site.subscribe(STRANGER);
    const { subscriptionId } = await register();
    const shown = await list();
    expect(shown).toMatchObject({
      isListed: true,
      subscriptions: [
        { origin: 'stranger', url: 'https://other.example.com/***', state: 'registered' },
        { origin: 'archivist', subscriptionId, state: 'registered' },
      ],
    });
    expect(shown.subscriptions[1]?.url).toMatch(/\/callbacks\/flexperto\/\*\*\*$/);
    expect(JSON.stringify(shown)).not.toContain('strange-secret');
  });

  it('includes subscriptions that are in the ledger but not on the platform', async () => {
    const { subscriptionId } = await register();
    await site.simulator.reset();
    expect((await list()).subscriptions).toMatchObject([{ subscriptionId, state: 'missing' }]);
  });

  it('comes from the ledger if the platform lists none', async () => {
    const { subscriptionId } = await register();
    await site.simulator.setFaults([{ fault: 'status', statusCode: 404, endpoint: 'subscriptions' }]);
    expect(await list()).toMatchObject({
      isListed: false,
      subscriptions: [{ subscriptionId, state: 'unknown' }],
    });
  });
});

describe('a deletion of subscriptions', () => {
  it('deletes all of ours, including the last one; their secrets count until nothing is in flight', async () => {
    const stranger = await site.subscribe(STRANGER);
    const first = await register();
    const second = await register(first.generation);
    expect(await remove()).toEqual(
      [first, second].map(({ subscriptionId, generation }) => ({
        subscriptionId,
        generation: `g${generation}`,
        isConfigured: false,
      })),
    );
    expect(await site.listed()).toEqual([stranger]);
    expect(await site.ledger.listCallbackSecrets()).toHaveLength(2);
    expect(await site.ledger.retireUnsubscribed(TENANT, 60_000)).toEqual([]);
    expect(await site.ledger.retireUnsubscribed(TENANT, 0)).toEqual([first.generation, second.generation]);
    expect(await site.ledger.listCallbackSecrets()).toEqual([]);
    expect(await remove()).toEqual([]);
  });

  it('of a subscription that is not ours deletes nothing at all', async () => {
    const stranger = await site.subscribe(STRANGER);
    const { subscriptionId } = await register();
    for (const id of [stranger, 'none'])
      await expect(remove([subscriptionId, id])).rejects.toMatchObject({ type: 'SubscriptionUnknown' });
    expect(await site.listed()).toEqual([stranger, subscriptionId]);
  });

  it('of the last one that works deletes nothing unless the request accepts that', async () => {
    const first = await register();
    const second = await register(first.generation);
    await expect(remove(undefined, false)).rejects.toMatchObject({ type: 'SubscriptionNeeded' });
    expect(await site.listed()).toHaveLength(2);
    await expect(remove([first.subscriptionId], false)).resolves.toHaveLength(1);
    await expect(remove([second.subscriptionId], false)).rejects.toMatchObject({
      type: 'SubscriptionNeeded',
    });
    expect(await site.listed()).toEqual([second.subscriptionId]);
  });

  it('of a subscription that the platform has lost needs no acceptance', async () => {
    const { subscriptionId } = await register();
    await site.simulator.reset();
    await expect(remove([subscriptionId], false)).resolves.toHaveLength(1);
  });

  it('says which secret stays in the configuration', async () => {
    const secret = 's'.repeat(43);
    const subscriptionId = await site.subscribe(`https://hooks.example.com/callbacks/flexperto/${secret}`);
    const tenant = { baseUrl: site.simulator.url, apiKey: 'k', callbackSecrets: [secret] };
    const text = JSON.stringify({ tenants: { [TENANT]: tenant } });
    const { tenants } = parseConfig(text, '/srv/archivist.yaml', {});
    const configured = { ...site, callbacks: { ...site.callbacks, tenants } };
    const request = { subscriptionIds: [subscriptionId], acceptsNone: false };
    await expect(deleteSubscriptions(configured, TENANT, request, NEVER)).rejects.toMatchObject({
      type: 'SubscriptionNeeded',
    });
    await expect(
      deleteSubscriptions(configured, TENANT, { ...request, acceptsNone: true }, NEVER),
    ).resolves.toEqual([{ subscriptionId, generation: 'configured-1', isConfigured: true }]);
  });
});

describe('delivery reports', () => {
  it('cover each of ours, or only the requested subscription', async () => {
    const { subscriptionId, generation } = await register();
    await site.simulator.createArchives({ archiveId: 'a1', size: 1024, notify: { when: 'never' } });
    await site.simulator.notify('a1');
    const all = await readReports(site, TENANT, undefined, NEVER);
    expect(all).toMatchObject([{ subscriptionId, generation: `g${generation}` }]);
    expect(all[0]?.reports).toHaveLength(4);
    expect(await readReports(site, TENANT, subscriptionId, NEVER)).toEqual(all);
    for (const id of ['none', '../x'])
      await expect(readReports(site, TENANT, id, NEVER)).rejects.toMatchObject({
        type: 'SubscriptionUnknown',
      });
  });
});

describe('the check of the deliveries', () => {
  const look = (): Promise<DeliveriesSeen | undefined> =>
    activityEnvironment().run(() => lookAtDeliveries(site, TENANT));

  it('sends the platform no request if there is no subscription of ours', async () => {
    expect(await look()).toBeUndefined();
    expect(await site.simulator.journal({ kind: 'request' })).toEqual([]);
  });

  it('counts failed attempts, and archives that no attempt reached', async () => {
    await register();
    await site.simulator.createArchives({ archiveId: 'a1', size: 1024, notify: { when: 'never' } });
    // Nobody listens there: all four attempts fail.
    await site.simulator.notify('a1');
    expect(await look()).toEqual({ subscriptions: 1, attempts: 4, failed: 4, lost: 1 });
  });

  it('reports that the platform no longer has any of ours', async () => {
    await register();
    await site.simulator.reset();
    expect(await look()).toMatchObject({ subscriptions: 0, attempts: 0 });
  });

  it('reports that the platform has no reports', async () => {
    await register();
    await site.simulator.setFaults([{ fault: 'status', statusCode: 404, endpoint: 'reports' }]);
    expect(await look()).toMatchObject({ subscriptions: 1, unreported: true });
  });
});
