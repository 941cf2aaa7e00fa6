import { startFaultySite, ABANDON, DOWNLOAD, LIST, RECORD, type FaultySite } from './site';

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

describe('hangUp', () => {
  test.each([LIST, RECORD, DOWNLOAD])('resets the connection instead of answering %s', async (path) => {
    expect(await site.meet({ fault: 'hangUp' }, path)).toMatchObject({ status: 0, ending: 'reset' });

    const [request] = await site.requests(1);
    expect(request).toMatchObject({ fault: 'hangUp', bytesSent: 0, complete: false });
    expect(request).not.toHaveProperty('statusCode');
  });

  test('prevents an abandon', async () => {
    await site.meet({ fault: 'hangUp', endpoint: 'abandon' }, ABANDON, { method: 'POST' });

    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'AVAILABLE' });
  });

  test('follows after the abandon took effect, if that is requested', async () => {
    const rule = { fault: 'hangUp', endpoint: 'abandon', afterEffect: true } as const;
    const { status, ending } = await site.meet(rule, ABANDON, { method: 'POST' });

    expect({ status, ending }).toEqual({ status: 0, ending: 'reset' });
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'ABANDONED' });
    expect((await site.requests(1))[0]).toMatchObject({ fault: 'hangUp', effect: true, affected: ['a1'] });
  });
});

describe('noAnswer', () => {
  test('sends nothing and leaves the connection open', async () => {
    const { status, body, ending } = await site.meet({ fault: 'noAnswer' }, RECORD);

    expect({ status, bytes: body.length, ending }).toEqual({ status: 0, bytes: 0, ending: 'open' });
    expect((await site.requests(1))[0]).toMatchObject({ fault: 'noAnswer', complete: false });
  });
});

describe('slowHeaders', () => {
  test('delays a correct response', async () => {
    const begin = performance.now();
    const { status, body } = await site.meet({ fault: 'slowHeaders', ms: 200 }, DOWNLOAD);

    expect(performance.now() - begin).toBeGreaterThanOrEqual(199);
    expect(status).toBe(200);
    expect(body.equals(site.bytes)).toBe(true);
  });

  test('lets an abandon take effect even if the client has disconnected', async () => {
    await site.simulator.setFaults([{ fault: 'slowHeaders', ms: 60_000, endpoint: 'abandon' }]);
    const { status, ending } = await site.ask(ABANDON, { method: 'POST' });

    expect({ status, ending }).toEqual({ status: 0, ending: 'open' });
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'ABANDONED' });
    expect((await site.requests(1))[0]).toMatchObject({
      fault: 'slowHeaders',
      effect: true,
      complete: false,
    });
  });
});

describe('status', () => {
  test.each([401, 403, 404, 409, 410, 429, 500, 502, 503])('answers %d', async (statusCode) => {
    const { status, headers, body } = await site.meet({ fault: 'status', statusCode }, DOWNLOAD);

    expect(status).toBe(statusCode);
    expect(headers).not.toHaveProperty('retry-after');
    expect(JSON.parse(body.toString())).toMatchObject({ statusCode });
  });

  test('contains Retry-After in seconds', async () => {
    const { headers } = await site.meet({ fault: 'status', statusCode: 429, retryAfter: 7 }, LIST);

    expect(headers['retry-after']).toBe('7');
  });

  test('contains Retry-After as a date', async () => {
    const rule = { fault: 'status', statusCode: 503, retryAfter: 3600, retryAfterForm: 'date' } as const;
    const { headers } = await site.meet(rule, LIST);

    const wait = Date.parse(headers['retry-after'] ?? '') - Date.now();
    expect(headers['retry-after']).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    expect(wait).toBeGreaterThan(3_500_000);
    expect(wait).toBeLessThanOrEqual(3_600_000);
  });

  test('is 500 although the abandon took effect', async () => {
    const rule = { fault: 'status', statusCode: 500, endpoint: 'abandon', afterEffect: true } as const;

    expect((await site.meet(rule, ABANDON, { method: 'POST' })).status).toBe(500);
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'ABANDONED' });
    expect((await site.requests(1))[0]).toMatchObject({ statusCode: 500, fault: 'status', effect: true });
  });

  test('is 409 for an abandon that is not carried out', async () => {
    const rule = { fault: 'status', statusCode: 409, endpoint: 'abandon' } as const;

    expect((await site.meet(rule, ABANDON, { method: 'POST' })).status).toBe(409);
    expect(await site.simulator.archive('a1')).toMatchObject({ status: 'AVAILABLE' });
    expect((await site.requests(1))[0]).toMatchObject({ effect: false });
  });

  test('applies to webhooks, too', async () => {
    await site.simulator.setFaults([{ fault: 'status', statusCode: 502, endpoint: 'subscriptions' }]);

    expect((await site.ask('/subscriptions/subscriptions')).status).toBe(502);
  });
});

describe('a response that is never complete', () => {
  test.each(['noAnswer', 'stall'] as const)('%s ends when the simulator is closed', async (fault) => {
    await site.simulator.setFaults([{ fault, endpoint: 'download' }]);
    const open = fetch(`${site.simulator.url}/api/v2/communication${DOWNLOAD}`, {
      headers: { 'api-key': site.simulator.apiKey },
    }).then((response) => response.arrayBuffer());
    const broken = expect(open).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await site.simulator.close();

    await broken;
  });
});
