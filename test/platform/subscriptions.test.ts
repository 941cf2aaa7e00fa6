import type { ServerResponse } from 'node:http';
import { parseConfig } from '../../src/config/load-config';
import { createPlatform } from '../../src/platform/create-platform';
import type { Platform } from '../../src/platform/create-platform';
import { readRegistered, readReports, readSubscriptions } from '../../src/platform/read-subscriptions';
import { startSimulator, type Simulator } from '../../src/simulator';
import { rejection, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

const CALLBACK = 'https://hooks.example.com/callbacks/flexperto/the-secret';
const OLDER = '/communication/subscriptions/subscriptions/webhook';

describe('a platform that follows the guide', () => {
  let simulator: Simulator;
  let platform: Platform;
  beforeAll(async () => {
    simulator = await startSimulator();
    platform = platformAt(simulator.url, simulator.apiKey);
  });
  afterAll(async () => {
    await platform.close();
    await simulator.close();
  });

  it('registers, lists and deletes subscriptions, also repeatedly', async () => {
    const id = await platform.register(CALLBACK, untouched());
    expect(await platform.listSubscriptions(untouched())).toEqual([
      { subscriptionId: id, url: CALLBACK, topic: 'communication.archives.archive.available' },
    ]);
    expect(await platform.reports(id!, untouched())).toEqual([]);
    await platform.deleteSubscription(id!, untouched());
    await platform.deleteSubscription(id!, untouched());
    expect(await platform.listSubscriptions(untouched())).toEqual([]);
  });

  it('reports that a subscription does not exist', async () => {
    await expect(platform.reports('unknown', untouched())).rejects.toMatchObject({
      type: 'SubscriptionUnknown',
    });
  });

  it('accepts the older registration, without an audience, if the path is the older one', async () => {
    const older = platformAt(simulator.url, simulator.apiKey, {
      endpoints: { register: OLDER },
      topic: 'communciation.archives.archive.available',
    });
    await older.register(CALLBACK, untouched());
    expect(await older.listSubscriptions(untouched())).toMatchObject([
      { topic: 'communciation.archives.archive.available' },
    ]);
    await older.close();
  });
});

describe('a platform that deviates from the guide', () => {
  let server: HostilePlatform;
  let bodies: string[];
  let platform: Platform;
  beforeAll(async () => {
    server = await startHostilePlatform();
    platform = server.client();
  });
  afterAll(() => server.close());
  beforeEach(() => (bodies = []));

  function answer(status: number, body = 'MARKER', list = '[]'): void {
    server.answerWith((request, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString());
        const isList = request.method === 'GET' && request.url?.endsWith('/subscriptions');
        if (isList && list !== 'none') response.writeHead(200).end(list);
        else response.writeHead(isList ? 404 : status).end(isList ? '' : body);
      });
    });
  }

  it.each([404, 405, 501])('that lacks the registration (%i) needs a manual one', async (status) => {
    answer(status);
    const error = await rejection(platform.register(CALLBACK, untouched()));
    expect(error).toMatchObject({ type: 'SubscriptionsUnsupported' });
    expect(String(error)).toMatch(/endpoints\.register.*callbackSecrets/);
    expect(String(error)).not.toMatch(/the-secret|MARKER|127\.0\.0\.1/);
    expect(JSON.parse(bodies[0]!)).toEqual({
      topic: 'communication.archives.archive.available',
      audience: '*',
      url: CALLBACK,
    });
  });

  it.each([
    [400, 'SubscriptionRefused'],
    [422, 'SubscriptionRefused'],
    [401, 'CredentialsRejected'],
    [429, 'PlatformUnavailable'],
    [500, 'PlatformUnavailable'],
  ])('that answers a registration with %i makes the client report %s', async (status, type) => {
    answer(status);
    const error = await rejection(platform.register(CALLBACK, untouched()));
    expect(error).toMatchObject({ type });
    expect(String(error)).not.toMatch(/the-secret|MARKER/);
  });

  it.each([
    ['lists it still', '[{"id":"s1"}]'],
    ['lists nothing at all', 'none'],
  ])('that cannot delete and %s needs a manual deletion', async (_name, list) => {
    answer(404, '', list);
    const error = await rejection(platform.deleteSubscription('s1', untouched()));
    expect(error).toMatchObject({ type: 'SubscriptionsUnsupported' });
    expect(String(error)).toMatch(/endpoints\.subscription\b.*delete the subscription/);
  });

  it('that no longer knows a subscription has deleted it', async () => {
    answer(404, '', '[{"id":"another"}]');
    await expect(platform.deleteSubscription('s1', untouched())).resolves.toBeUndefined();
  });

  it('whose list cannot be read has deleted nothing', async () => {
    answer(404, '', 'no list');
    await expect(platform.deleteSubscription('s1', untouched())).rejects.toMatchObject({
      type: 'PlatformUnavailable',
    });
  });

  it('that lacks reports makes the client name the key that may be wrong', async () => {
    answer(404, '', '[{"id":"s1"}]');
    const error = await rejection(platform.reports('s1', untouched()));
    expect(String(error)).toMatch(/endpoints\.reports/);
  });
});

describe('a response', () => {
  it.each([
    ['{"subscriptionId":"s1"}', 's1'],
    ['{"id":7,"more":{}}', '7'],
    ['{"data":{"id":"s1"}}', 's1'],
    ['{"id":"../x"}', undefined],
    ['{}', undefined],
    ['', undefined],
  ])('to a registration is parsed: %p', (body, id) => {
    expect(readRegistered(body)).toBe(id);
  });

  it.each([
    ['[]', []],
    [
      '[{"id":"s1","url":"https://a/b","extra":[1]}, {"no":"id"}, 3]',
      [{ subscriptionId: 's1', url: 'https://a/b' }],
    ],
    ['{"subscriptions":[{"subscriptionId":"s1","topic":"t"}]}', [{ subscriptionId: 's1', topic: 't' }]],
    ['{"total":1,"data":{"items":[{"id":"s1"}]}}', [{ subscriptionId: 's1' }]],
    ['{"message":"none"}', undefined],
    ['<html>', undefined],
  ])('with a list is parsed: %p', (body, list) => {
    expect(readSubscriptions(body)).toEqual(list);
  });

  it.each([
    [
      { statusCode: 503, archiveId: 'a1', attempt: 2 },
      { statusCode: 503, archiveId: 'a1', attempt: 2, failed: true },
    ],
    [{ status: 302 }, { statusCode: 302, failed: false }],
    [{ status: 399 }, { statusCode: 399, failed: true }],
    [
      { accepted: false, error: 'Timeout' },
      { error: 'Timeout', failed: true },
    ],
    [{ error: 'POST https://h/secret failed' }, { error: 'error', failed: true }],
    [
      { payload: { data: { archive_id: 'a1' } }, response: { status: '500' } },
      { archiveId: 'a1', statusCode: 500, failed: true },
    ],
    [
      { createdAt: '2026-01-02T03:04:05Z', duration: 12.4, success: true },
      { at: '2026-01-02T03:04:05.000Z', durationMs: 12, failed: false },
    ],
    [{ archiveId: '../a' }, { failed: false }],
  ])('with a report is parsed: %j', (report, read) => {
    expect(readReports(JSON.stringify([report, 'no report']))).toEqual([read]);
  });
});

function platformAt(baseUrl: string, apiKey: string, keys: object = {}): Platform {
  const text = JSON.stringify({ tenants: { mycompany: { baseUrl, apiKey, ...keys } } });
  const [tenant] = parseConfig(text, '/srv/archivist.yaml', {}).tenants.values();
  return createPlatform(tenant!);
}
