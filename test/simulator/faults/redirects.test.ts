import { exchange } from './exchange';
import { startFaultySite, DOWNLOAD, SIZE, type FaultySite } from './site';

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

async function locationTo(to: 'sameOrigin' | 'otherOrigin', expired = false): Promise<string> {
  const { status, headers } = await site.meet({ fault: 'redirect', to, expired, times: 1 }, DOWNLOAD);
  expect(status).toBe(302);
  return headers['location'] ?? '';
}

describe('a redirect within the origin', () => {
  test('points to the file, which is sent only to a client with the API key', async () => {
    const { status, headers, body } = await site.ask(await locationTo('sameOrigin'));

    expect(status).toBe(200);
    expect(headers['etag']).toBe(`"${site.sha256}"`);
    expect(body.equals(site.bytes)).toBe(true);
    expect(await site.requests(2)).toMatchObject([
      { endpoint: 'download', statusCode: 302, fault: 'redirect', bytesSent: 0 },
      { endpoint: 'file', archiveId: 'a1', statusCode: 200, bytesSent: SIZE },
    ]);
  });

  test('fails without the key', async () => {
    const location = await locationTo('sameOrigin');

    expect((await site.ask(location, { headers: { 'api-key': 'wrong' } })).status).toBe(401);
  });
});

describe('a redirect to another origin', () => {
  test('leads to the file without a key', async () => {
    const location = await locationTo('otherOrigin');
    const { status, body } = await exchange(location);

    expect(new URL(location).origin).not.toBe(site.simulator.url);
    expect(status).toBe(200);
    expect(body.equals(site.bytes)).toBe(true);
    const [, request] = await site.requests(2);
    expect(request).toMatchObject({ endpoint: 'foreignFile', archiveId: 'a1', apiKeySent: false });
    expect(JSON.stringify(request)).not.toContain('signature');
  });

  test('reveals clients that send the key along', async () => {
    const headers = { 'api-key': site.simulator.apiKey };
    await exchange(await locationTo('otherOrigin'), { headers });

    expect((await site.requests(2))[1]).toMatchObject({ endpoint: 'foreignFile', apiKeySent: true });
  });

  test('serves ranges', async () => {
    const headers = { range: 'bytes=1000-', 'if-range': `"${site.sha256}"` };
    const { status, body } = await exchange(await locationTo('otherOrigin'), { headers });

    expect(status).toBe(206);
    expect(body.equals(site.bytes.subarray(1000))).toBe(true);
  });

  test('works once', async () => {
    const location = await locationTo('otherOrigin');

    expect((await exchange(location)).status).toBe(200);
    expect((await exchange(location)).status).toBe(403);
  });

  test('may have expired, but the next one has not', async () => {
    expect((await exchange(await locationTo('otherOrigin', true))).status).toBe(403);
    expect((await exchange(await locationTo('otherOrigin'))).status).toBe(200);
  });

  test('is affected by faults, too', async () => {
    const location = await locationTo('otherOrigin');
    await site.simulator.setFaults([{ fault: 'reset', endpoint: 'foreignFile', after: 100 }]);

    expect((await exchange(location)).body.equals(site.bytes.subarray(0, 100))).toBe(true);
    expect((await site.requests(2))[1]).toMatchObject({ endpoint: 'foreignFile', fault: 'reset' });
  });
});

describe('a broken redirect', () => {
  test.each([
    ['loop', '/api/v2/communication/archives/archives/a1/download'],
    ['foreignHttp', 'http://files.invalid/a1.zip'],
    ['otherScheme', 'ftp://files.invalid/a1.zip'],
  ] as const)('%s: %s', async (to, location) => {
    const { status, headers } = await site.meet({ fault: 'redirect', to, statusCode: 307 }, DOWNLOAD);

    expect(status).toBe(307);
    expect(headers['location']).toBe(location);
  });

  test('is not sent for a missing file', async () => {
    await site.simulator.setStatus('a1', { status: 'PACKING' });

    expect((await site.meet({ fault: 'redirect', to: 'loop' }, DOWNLOAD)).status).toBe(409);
  });
});
