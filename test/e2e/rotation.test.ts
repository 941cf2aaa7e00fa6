import { randomBytes } from 'node:crypto';
import { sha256Of } from '../../src/activities/subscriptions/inventory';
import { parseTenantId } from '../../src/domain/ids';
import type { RotationWaits } from '../../src/domain/subscriptions';
import type { FaultRule } from '../../src/simulator';
import type { rotateCallback } from '../../src/workflows';
import { notification, post, TOPIC } from '../gateway/gateway';
import { ask } from '../simulator/platform-access';
import type { FaultPoint } from './rotation/faulty';
import { install, type Installation } from './rotation/installation';
import { startLoad, type Load } from './rotation/load';
import { until } from './until';

/** The gateway reads the ledger every 200 ms here. Four attempts of 3 seconds, and the pauses between them, are what may be in flight. */
const WAITS: RotationWaits = { spreadMs: 3_000, overlapMs: 1_000, drainMs: 13_000 };

/** Where the worker is killed: after each call that changes something, which is before the next, and before and after the wait for the gateways. */
const POINTS: readonly FaultPoint[] = [
  ['after', 'listSubscriptions'],
  ['after', 'addGeneration'],
  ['before', 'register'],
  ['after', 'register'],
  ['after', 'noteSubscription'],
  ['after', 'supersede'],
  ['after', 'deleteSubscription'],
  ['after', 'noteUnsubscribed'],
  ['after', 'retire'],
  ['after', 'retireForgotten'],
];
/** Which answers of the platform are lost after they took effect, or refused. */
const LOST: readonly FaultRule[] = [
  { fault: 'hangUp', endpoint: 'register', afterEffect: true, times: 1 },
  { fault: 'status', statusCode: 500, endpoint: 'register', afterEffect: true, times: 1 },
  { fault: 'hangUp', endpoint: 'unsubscribe', afterEffect: true, times: 1 },
  { fault: 'status', statusCode: 503, endpoint: 'subscriptions', times: 2 },
];

const killed = new Map(POINTS.map((point) => [`killed-${point.join('-')}`, point] as const));
const lost: ReadonlyMap<string, FaultRule> = new Map(
  LOST.map((rule, index) => [`lost-${index}-${rule.endpoint ?? ''}`, rule]),
);
const tenants = ['undisturbed', ...killed.keys(), ...lost.keys()];

interface Subscription {
  readonly subscriptionId: string;
  readonly url: string;
}

let site: Installation;
const loads = new Map<string, Load>();
const old = new Map<string, Subscription>();
const strangers = new Map<string, string>();

async function subscriptionsOf(tenant: string): Promise<readonly Subscription[]> {
  const { list } = await ask(site.platform(tenant), 'GET', '/subscriptions/subscriptions');
  return list() as unknown as readonly Subscription[];
}

/** All rotations run at the same time, each on a platform of its own and under notifications of its own. */
beforeAll(async () => {
  site = await install(tenants);
  for (const tenant of tenants) await begin(tenant);
  for (const tenant of tenants) await until('the gateway knows its secret', () => isTaken(tenant));
  for (const tenant of tenants) loads.set(tenant, await startLoad(site.platform(tenant)));
  for (const [tenant, point] of killed) site.arm(tenant, point);
  for (const [tenant, rule] of lost) await site.platform(tenant).setFaults([rule]);
  await Promise.all(tenants.map(rotate));
  await Promise.all([...loads.values()].map((load) => load.stop()));
});
afterAll(() => site.close());

/** What an earlier registration left, and a stranger's subscription beside it. */
async function begin(tenant: string): Promise<void> {
  const stranger = 'https://example.com/another-secret';
  strangers.set(tenant, await subscribe(tenant, 'communication.conferences.conference.close', stranger));
  const secret = randomBytes(32).toString('base64url');
  const url = `${site.callbacks}/${secret}`;
  const generation = await site.ledger.addGeneration(parseTenantId(tenant), sha256Of(secret));
  const subscriptionId = await subscribe(tenant, TOPIC, url);
  await site.ledger.noteSubscription(parseTenantId(tenant), generation, subscriptionId);
  old.set(tenant, { subscriptionId, url });
}

async function isTaken(tenant: string): Promise<boolean> {
  return (await post(old.get(tenant)!.url, notification('a1'))).status === 202;
}

async function subscribe(tenant: string, topic: string, url: string): Promise<string> {
  const path = '/subscriptions/subscriptions/webhook';
  const { json } = await ask(site.platform(tenant), 'POST', path, { topic, url });
  return String(json()['subscriptionId']);
}

async function rotate(tenant: string): Promise<void> {
  await site.client.workflow.execute<typeof rotateCallback>('rotateCallback', {
    args: [{ tenant, waits: WAITS }],
    taskQueue: 'archivist',
    workflowId: `rotate:${tenant}`,
  });
}

describe.each(tenants)('a rotation under constant load, %s', (tenant) => {
  it('was interrupted at the intended point', async () => {
    expect(site.isArmed(tenant)).toBe(false);
    const struck = (await site.platform(tenant).journal({ kind: 'request' })).filter(
      (entry) => 'fault' in entry,
    );
    expect(struck).toHaveLength(lost.get(tenant)?.times ?? 0);
  });

  it('makes the gateway refuse no notification', async () => {
    const deliveries = await site.platform(tenant).journal({ kind: 'delivery' });
    expect(deliveries.filter((entry) => 'statusCode' in entry && entry.statusCode === 404)).toEqual([]);
    expect(loads.get(tenant)?.sent).toBeGreaterThan(10);
    expect(loads.get(tenant)?.undelivered).toEqual([]);
  });

  it('leaves one new subscription of ours, and does not touch those of strangers', async () => {
    const left = (await subscriptionsOf(tenant)).map(({ subscriptionId }) => subscriptionId);
    expect(left).toHaveLength(2);
    expect(left).toContain(strangers.get(tenant));
    expect(left).not.toContain(old.get(tenant)?.subscriptionId);
  });

  it('makes the gateway accept the new secret and refuse the old one', async () => {
    const fresh = (await subscriptionsOf(tenant)).find(({ url }) => !url.includes('example.com'));
    expect((await post(fresh!.url, notification('a1'))).status).toBe(202);
    await until('the gateway refuses the old secret', async () => !(await isTaken(tenant)));
    expect((await post(old.get(tenant)!.url, notification('a1'))).status).toBe(404);
  });

  it('retired every other generation', async () => {
    const generations = await site.ledger.listGenerations(parseTenantId(tenant));
    expect(generations.filter(({ retiredAt }) => !retiredAt)).toHaveLength(1);
    expect(generations.at(-1)).toMatchObject({ subscriptionId: expect.any(String) as string });
  });
});
