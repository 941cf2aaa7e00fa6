import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { startFaultySite, DOWNLOAD, LIST, SIZE, type FaultySite } from './site';

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

describe('reset', () => {
  test.each([
    [{}, SIZE / 2],
    [{ after: 0 }, 0],
    [{ after: 1 }, 1],
    [{ after: 0.25 }, SIZE / 4],
    [{ after: 3999 }, 3999],
  ])('%j closes the connection after %d bytes', async (parameters, length) => {
    const { headers, body, ending } = await site.meet({ fault: 'reset', ...parameters }, DOWNLOAD);

    expect(ending).toBe('reset');
    expect(headers['content-length']).toBe(String(SIZE));
    expect(body.equals(site.bytes.subarray(0, length))).toBe(true);
    expect((await site.requests(1))[0]).toMatchObject({
      fault: 'reset',
      bytesSent: length,
      complete: false,
    });
  });

  test('counts from the start of the range', async () => {
    const headers = { range: 'bytes=1000-' };
    const { body } = await site.meet({ fault: 'reset', after: 10 }, DOWNLOAD, { headers });

    expect(body.equals(site.bytes.subarray(1000, 1010))).toBe(true);
    expect((await site.requests(1))[0]).toMatchObject({ range: { start: 1000, end: SIZE }, bytesSent: 10 });
  });
});

describe('truncate', () => {
  test('closes the connection before the announced length is reached', async () => {
    const { headers, body, ending } = await site.meet({ fault: 'truncate', after: 100 }, DOWNLOAD);

    expect(ending).toBe('closed');
    expect(headers['content-length']).toBe(String(SIZE));
    expect(body.equals(site.bytes.subarray(0, 100))).toBe(true);
  });

  test('looks complete if no length is announced', async () => {
    await site.simulator.setFaults([{ fault: 'truncate', after: 100, contentLength: false }]);
    const { statusCode, headers, body } = await request(
      `${site.simulator.url}/api/v2/communication${DOWNLOAD}`,
      { headers: { 'api-key': site.simulator.apiKey } },
    );

    expect(statusCode).toBe(200);
    expect(headers).not.toHaveProperty('content-length');
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(Buffer.from(await body.arrayBuffer()).equals(site.bytes.subarray(0, 100))).toBe(true);
    expect((await site.requests(1))[0]).toMatchObject({ fault: 'truncate', complete: false });
  });

  test('truncates a list', async () => {
    const rule = { fault: 'truncate', endpoint: 'list', contentLength: false } as const;
    const { status, body } = await site.meet(rule, LIST);

    expect(status).toBe(200);
    expect(body.toString()).toMatch(/^\[\{"archiveId":"a1"/);
    expect(() => void JSON.parse(body.toString())).toThrow(SyntaxError);
  });
});

describe('stall', () => {
  test('sends a part and keeps the connection open', async () => {
    const { body, ending } = await site.meet({ fault: 'stall', after: 100 }, DOWNLOAD);

    expect(ending).toBe('open');
    expect(body.equals(site.bytes.subarray(0, 100))).toBe(true);
  });
});

describe('drip', () => {
  test('sends the whole body at its speed', async () => {
    const begin = performance.now();
    const { body, ending } = await site.meet({ fault: 'drip', bytesPerSecond: 8000 }, DOWNLOAD);

    expect(ending).toBe('closed');
    expect(body.equals(site.bytes)).toBe(true);
    expect(performance.now() - begin).toBeGreaterThan(400);
  });
});

describe('flipBit', () => {
  test.each([
    [{ after: 0 }, 0],
    [{ after: 0.5 }, SIZE / 2],
    [{ after: 99_999 }, SIZE - 1],
  ])('%j changes one bit of byte %d and nothing else', async (parameters, position) => {
    const { headers, body } = await site.meet({ fault: 'flipBit', ...parameters }, DOWNLOAD);

    const expected = Buffer.from(site.bytes);
    expected[position]! ^= 1;
    expect(body.equals(expected)).toBe(true);
    expect(headers).toMatchObject({ 'content-length': String(SIZE), etag: `"${site.sha256}"` });
  });

  test('damages no other response', async () => {
    await site.meet({ fault: 'flipBit', times: 1 }, DOWNLOAD);

    expect((await site.ask(DOWNLOAD)).body.equals(site.bytes)).toBe(true);
  });
});

describe('wrongLength', () => {
  test.each([10, -10])('announces a length that is wrong by %d bytes', async (by) => {
    const { headers, body, ending } = await site.meet({ fault: 'wrongLength', by }, DOWNLOAD);

    expect(headers['content-length']).toBe(String(SIZE + by));
    expect(body.equals(site.bytes)).toBe(true);
    expect(ending).toBe('closed');
  });
});

describe('chunked', () => {
  test('announces no length, and is complete', async () => {
    await site.simulator.setFaults([{ fault: 'chunked' }]);
    const { headers, body } = await request(`${site.simulator.url}/api/v2/communication${DOWNLOAD}`, {
      headers: { 'api-key': site.simulator.apiKey },
    });

    expect(headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(headers).not.toHaveProperty('content-length');
    expect(Buffer.from(await body.arrayBuffer()).equals(site.bytes)).toBe(true);
    expect((await site.requests(1))[0]).toMatchObject({ fault: 'chunked', bytesSent: SIZE, complete: true });
  });
});

describe('endless', () => {
  test('continues after the end of the file', async () => {
    const enough = 2 ** 21;
    const { headers, body } = await site.meet({ fault: 'endless' }, DOWNLOAD, { enough });

    expect(headers).not.toHaveProperty('content-length');
    expect(body.length).toBeGreaterThan(enough - 1000);
    expect((await site.requests(1))[0]).toMatchObject({ fault: 'endless', complete: false });
  });
});

describe('gzip', () => {
  test('compresses a body although the client did not accept that', async () => {
    await site.simulator.setFaults([{ fault: 'gzip' }]);
    const { headers, body } = await request(`${site.simulator.url}/api/v2/communication${DOWNLOAD}`, {
      headers: { 'api-key': site.simulator.apiKey, 'accept-encoding': 'identity' },
    });

    expect(headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect(headers).not.toHaveProperty('content-length');
    expect(gunzipSync(Buffer.from(await body.arrayBuffer())).equals(site.bytes)).toBe(true);
  });
});
