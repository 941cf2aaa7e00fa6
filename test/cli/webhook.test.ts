import { writeFile } from 'node:fs/promises';
import { parseTenantId } from '../../src/domain/ids';
import {
  ROTATE_CALLBACK,
  type RotationResult,
  type RotationWaits,
  type SubscriptionsInput,
} from '../../src/domain/subscriptions';
import { lookAtRotation } from '../../src/temporal/run-now';
import { install, type Installation } from '../e2e/rotation/installation';
import { until } from '../e2e/until';
import { post, notification, TOPIC } from '../gateway/gateway';
import { ask } from '../simulator/platform-access';
import { printed } from './printed';

type Rotate = (input: SubscriptionsInput) => Promise<RotationResult>;

const TENANT = 'acme';
const TENANTS = { [TENANT]: { baseUrl: 'https://acme.example.com', apiKey: 'k' } };
const SUBSCRIPTIONS = '/subscriptions/subscriptions';
const STRANGER = 'https://user@other.example.com/strange-secret/x?key=strange-secret';

let site: Installation;
beforeAll(async () => {
  site = await install([TENANT]);
  await ask(site.platform(TENANT), 'POST', `${SUBSCRIPTIONS}/webhook`, { topic: TOPIC, url: STRANGER });
});
afterAll(() => site.close());

const webhook = (...args: readonly string[]): Promise<string> =>
  printed(['webhook', ...args], site.environment);

async function json(...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const lines = (await webhook(...args, '--json')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function urls(): Promise<readonly string[]> {
  const { list } = await ask(site.platform(TENANT), 'GET', SUBSCRIPTIONS);
  return list().map(({ url }) => String(url));
}

/** Everything that Temporal keeps of what was done, its payloads as text. */
async function histories(): Promise<string> {
  const texts: string[] = [];
  for await (const { workflowId, runId } of site.client.workflow.list())
    texts.push(JSON.stringify(await site.client.workflow.getHandle(workflowId, runId).fetchHistory()));
  return texts
    .join('')
    .replaceAll(/"data":"([^"]*)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
}

/** A rotation that waits less than the usual. */
async function beginRotation(): Promise<void> {
  const waits: RotationWaits = { spreadMs: 2_500, overlapMs: 100, drainMs: 100 };
  await site.client.workflow.start(ROTATE_CALLBACK, {
    args: [{ tenant: TENANT, waits }],
    taskQueue: 'archivist',
    workflowId: `rotate:${TENANT}`,
  });
}

it('webhook registers once, with a secret that is never shown and that the gateway knows', async () => {
  const [registered] = await json('register');
  expect(registered).toMatchObject({ tenant: TENANT, alreadyThere: false, listed: 'yes' });
  const callback = (await urls()).find((url) => url.startsWith(site.callbacks))!;
  const secret = callback.slice(site.callbacks.length + 1);
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect((await post(callback, notification('a1'))).status).toBe(202);

  await expect(webhook('register')).resolves.toMatch(/registered already/);
  expect(await urls()).toHaveLength(2);
  const told = (await webhook('list')) + (await webhook('list', '--json'));
  for (const text of [secret, 'strange-secret']) expect(told.includes(text)).toBe(false);
});

it('webhook lists which subscriptions are ours', async () => {
  expect(await json('list')).toMatchObject([
    { origin: 'stranger', url: 'https://other.example.com/***', state: 'registered' },
    { origin: 'archivist', url: `${site.callbacks}/***`, state: 'registered' },
  ]);
  await expect(webhook('list')).resolves.toMatch(/a stranger/);
});

it('webhook shows the failed attempts', async () => {
  const platform = site.platform(TENANT);
  await platform.createArchives({ archiveId: 'r1', size: 1024, notify: { when: 'never' } });
  const ours = await ask(platform, 'POST', `${SUBSCRIPTIONS}/webhook`, {
    topic: TOPIC,
    url: `${site.callbacks}/a-secret-that-nobody-knows`,
  });
  const id = String(ours.json()['subscriptionId']);
  await platform.notify('r1');
  const shown = await webhook('reports', id);
  expect(shown).toMatch(/^ARCHIVE +WHEN +ATTEMPT +OUTCOME +TOOK\nr1 .* 404 /);
  expect(shown).toContain('4 of the latest 4 attempts failed.');
  await expect(webhook('reports')).resolves.toMatch(/g\d+\): 0 of the latest 1 attempts failed/);
  await expect(webhook('reports', 'none')).rejects.toThrow(/^SubscriptionUnknown/);
});

it('webhook rotates, waits for the result, and reports whether the rotation was already running', async () => {
  const [before] = (await json('list')).filter(({ origin }) => origin === 'archivist');
  await beginRotation();
  const [running, rotated] = await json('rotate', '--wait');
  const workflowId = `rotate:${TENANT}`;
  expect(running).toEqual({ tenant: TENANT, status: 'running', workflowId, isTakenUp: true });
  expect(rotated).toMatchObject({ status: 'rotated', retired: [before!['generation']] });
  const secret = (await urls())
    .find((url) => url.startsWith(site.callbacks))!
    .slice(site.callbacks.length + 1);
  const kept = await histories();
  expect(kept).toContain(String(rotated!['subscriptionId']));
  expect(kept.includes(secret)).toBe(false);

  const [started] = await json('rotate');
  expect(started).toEqual({ tenant: TENANT, status: 'started', workflowId, isTakenUp: true });
  await site.client.workflow.getHandle(workflowId).terminate();
});

it('webhook rotate says that a step of the rotation fails', async () => {
  const platform = site.platform(TENANT);
  await platform.setFaults([{ fault: 'status', statusCode: 503, endpoint: 'subscriptions' }]);
  const failing = await webhook('rotate');
  await Promise.all([site.client.workflow.getHandle(`rotate:${TENANT}`).terminate(), platform.clearFaults()]);
  expect(failing).toMatch(/The rotation has started, and tries again what failed \(.*503.*\)/);
});

it('a look at a rotation fails as the rotation itself, if it failed for good', async () => {
  const rotation = await site.client.workflow.start<Rotate>(ROTATE_CALLBACK, {
    args: [{ tenant: TENANT, waits: { overlapMs: -1 } }],
    taskQueue: 'archivist',
    workflowId: 'rotate-wrongly',
  });
  await expect(rotation.result()).rejects.toThrow();
  await expect(lookAtRotation(rotation)).rejects.toThrow(/^InvalidInput: "waits"/);
});

it('webhook refuses to delete subscriptions that are not ours', async () => {
  const [stranger] = (await json('list')).filter(({ origin }) => origin === 'stranger');
  await expect(webhook('delete', String(stranger!['subscriptionId']))).rejects.toThrow(
    /^SubscriptionUnknown/,
  );
  expect(await urls()).toContain(STRANGER);
});

it.each([
  [['delete'], /--all-ours/],
  [['delete', 'x', '--all-ours'], /--all-ours/],
  [['delete', '../x'], /subscription id/],
  [['register', '--tenant', 'unknown'], /no tenant unknown/],
])('webhook %j is wrong usage', async (args, message) => {
  await expect(webhook(...args)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(message) as string,
  });
});

it('webhook says what is missing if no public URL of the gateway is configured', async () => {
  const file = `${site.environment['ARCHIVIST_CONFIG'] ?? ''}.private`;
  await writeFile(file, JSON.stringify({ tenants: TENANTS }));
  for (const name of ['register', 'rotate'])
    await expect(webhook(name, '-c', file)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('gateway.publicUrl') as string,
    });
});

it('webhook explains the manual steps if the platform lacks an endpoint', async () => {
  const platform = site.platform(TENANT);
  await platform.setFaults([{ fault: 'status', statusCode: 404, endpoint: 'reports' }]);
  await expect(webhook('reports')).rejects.toThrow(/^SubscriptionsUnsupported: .*endpoints\.reports/);
  await platform.clearFaults();
});

it('webhook deletes all of ours; the secret counts until nothing is in flight any more', async () => {
  const [ours] = (await json('list')).filter(({ origin }) => origin === 'archivist');
  const callback = (await urls()).findLast((url) => url.startsWith(site.callbacks))!;
  const before = await urls();
  await expect(webhook('delete', '--all-ours')).rejects.toThrow(/^SubscriptionNeeded: .*--yes/);
  expect(await urls()).toHaveLength(before.length);
  const { subscriptionId, generation } = ours!;
  expect(await json('delete', '--all-ours', '--yes')).toEqual([
    { tenant: TENANT, subscriptionId, generation, status: 'deleted' },
  ]);
  expect(await urls()).toHaveLength(before.length - 1);
  expect((await post(callback, notification('a2'))).status).toBe(202);
  expect(await site.ledger.retireUnsubscribed(parseTenantId(TENANT), 0)).toEqual([
    Number(String(ours!['generation']).slice(1)),
  ]);
  await until(
    'the gateway refuses it',
    async () => (await post(callback, notification('a3'))).status === 404,
  );
});

it('webhook reports what is wrong if the ledger is unreachable', async () => {
  const file = `${site.environment['ARCHIVIST_CONFIG'] ?? ''}.unreachable`;
  await writeFile(file, JSON.stringify({ tenants: TENANTS, ledger: 'postgres://127.0.0.1:1/none' }));
  await expect(webhook('list', '-c', file)).rejects.toThrow(/^LedgerUnavailable/);
});
