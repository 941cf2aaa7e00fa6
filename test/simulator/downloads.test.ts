import { createHash } from 'node:crypto';
import { request } from 'undici';
import { startSimulator, type Simulator } from '../../src/simulator';
import { inMemory } from '../../src/simulator/content/bytes';
import { startFaultySite, DOWNLOAD, SIZE, type FaultySite } from './faults/site';
import { ask, downloadPath, recordPath } from './platform-access';
import { filesOf } from './zip-reader';

describe('a download', () => {
  let simulator: Simulator;

  beforeEach(async () => (simulator = await startSimulator()));
  afterEach(() => simulator.close());

  async function available(spec: object): Promise<string> {
    const [created] = await simulator.createArchives(spec);
    await simulator.untilStatus(created!.archiveId, 'AVAILABLE');
    return created!.archiveId;
  }

  test('returns a zip with the checksum of the record and the requested size', async () => {
    const archiveId = await available({ size: 3_000_000 });

    const record = (await ask(simulator, 'GET', recordPath(archiveId))).json();
    const { status, headers, bytes } = await ask(simulator, 'GET', downloadPath(archiveId));

    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(status).toBe(200);
    expect(bytes).toHaveLength(3_000_000);
    expect(record['sha256CheckSum']).toBe(sha256);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': '3000000',
      etag: `"${sha256}"`,
    });
    expect(await filesOf(inMemory(bytes))).toHaveLength(5);
  });

  test.each(['notAZip', 'cutZip'] as const)('returns %s with the checksum of the record', async (content) => {
    const archiveId = await available({ content, size: 20_000 });

    const record = (await ask(simulator, 'GET', recordPath(archiveId))).json();
    const { bytes } = await ask(simulator, 'GET', downloadPath(archiveId));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect([bytes.length, record['sha256CheckSum']]).toEqual([20_000, sha256]);
  });

  test('returns the same bytes for the same seed', async () => {
    const [first, second] = [await available({ seed: 'same' }), await available({ seed: 'same' })];

    const bytes = async (id: string) => (await ask(simulator, 'GET', downloadPath(id))).bytes;
    expect((await bytes(first)).equals(await bytes(second))).toBe(true);
  });

  test.each(['PROCESSING', 'PACKING', 'FAILED', 'EXPIRED', 'UNHEARD_OF'])(
    'is refused while %s',
    async (status) => {
      const archiveId = await available({});
      await simulator.setStatus(archiveId, { status });

      expect((await ask(simulator, 'GET', downloadPath(archiveId))).status).toBe(409);
    },
  );

  test('is possible while the archive is ABANDONED', async () => {
    const archiveId = await available({ size: 1024 });
    await simulator.setStatus(archiveId, { status: 'ABANDONED' });
    expect((await ask(simulator, 'GET', downloadPath(archiveId))).bytes).toHaveLength(1024);
  });

  test('of an unknown archive is not found', async () => {
    expect((await ask(simulator, 'GET', downloadPath('nobody'))).status).toBe(404);
  });

  test('ends when the client disconnects, and the journal reports it', async () => {
    const archiveId = await available({ size: 64 * 2 ** 20 });
    const { body } = await request(`${simulator.url}/api/v2/communication${downloadPath(archiveId)}`, {
      headers: { 'api-key': simulator.apiKey },
    });
    body.on('error', () => undefined);
    await new Promise((resolve) => body.once('data', resolve));
    body.destroy();

    const entry = await untilDownloadEntry();
    expect(entry).toMatchObject({ complete: false, statusCode: 200 });
    expect(entry).toHaveProperty('bytesSent', expect.any(Number));
    expect((entry as { bytesSent: number }).bytesSent).toBeLessThan(32 * 2 ** 20);
  });

  test('is aborted by close', async () => {
    const archiveId = await available({ size: 64 * 2 ** 20 });
    const { body } = await request(`${simulator.url}/api/v2/communication${downloadPath(archiveId)}`, {
      headers: { 'api-key': simulator.apiKey },
    });
    const broken = new Promise((resolve) => body.once('error', resolve));
    await new Promise((resolve) => body.once('readable', resolve));

    await simulator.close();
    body.resume();

    expect(await broken).toBeInstanceOf(Error);
  });

  async function untilDownloadEntry() {
    for (;;) {
      const [entry] = await simulator.journal({ endpoint: 'download' });
      if (entry) return entry;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});

describe('a download with Range', () => {
  let site: FaultySite;

  beforeAll(async () => (site = await startFaultySite()));
  afterAll(() => site.close());

  test.each([
    ['bytes=1000-', 1000, SIZE],
    ['bytes=1000-1999', 1000, 2000],
    ['bytes=0-0', 0, 1],
    ['bytes=3999-', 3999, SIZE],
    ['bytes=3000-99999', 3000, SIZE],
    ['bytes=-500', 3500, SIZE],
    ['bytes=-99999', 0, SIZE],
    ['Bytes=10-19', 10, 20],
  ])('%s returns the bytes from %d to before %d', async (range, start, end) => {
    const { status, headers, body } = await site.ask(DOWNLOAD, { headers: { range } });

    expect(status).toBe(206);
    expect(headers).toMatchObject({
      'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
      'content-length': String(end - start),
      'accept-ranges': 'bytes',
      'content-type': 'application/zip',
      etag: `"${site.sha256}"`,
    });
    expect(body.equals(site.bytes.subarray(start, end))).toBe(true);
  });

  test.each(['bytes=0-1,5-6', 'bytes=5-1', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes 0-1', ''])(
    '"%s" is ignored',
    async (range) => {
      const { status, headers, body } = await site.ask(DOWNLOAD, { headers: { range } });

      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('content-range');
      expect(body.equals(site.bytes)).toBe(true);
    },
  );

  test.each([`bytes=${SIZE}-`, 'bytes=99999-', 'bytes=-0'])('%s cannot be satisfied', async (range) => {
    const { status, headers } = await site.ask(DOWNLOAD, { headers: { range } });

    expect(status).toBe(416);
    expect(headers).toMatchObject({ 'content-range': `bytes */${SIZE}` });
  });

  test('returns the range while the ETag in If-Range is the file’s', async () => {
    const headers = { range: 'bytes=1000-', 'if-range': `"${site.sha256}"` };

    expect((await site.ask(DOWNLOAD, { headers })).status).toBe(206);
  });

  test.each([
    ['another ETag', () => '"another"'],
    ['the ETag in its weak form', () => `W/"${site.sha256}"`],
    ['the checksum without quotes', () => site.sha256],
    ['a date', () => new Date().toUTCString()],
  ])('returns the whole file for If-Range with %s', async (_what, ifRange) => {
    const headers = { range: 'bytes=1000-', 'if-range': ifRange() };
    const { status, body } = await site.ask(DOWNLOAD, { headers });

    expect(status).toBe(200);
    expect(body).toHaveLength(SIZE);
  });

  test('returns the whole file for If-Range without Range', async () => {
    const headers = { 'if-range': `"${site.sha256}"` };
    expect((await site.ask(DOWNLOAD, { headers })).status).toBe(200);
  });
});

describe('the journal', () => {
  test('records which positions were to be sent, and how many bytes were', async () => {
    const site = await startFaultySite();
    const ranges = ['bytes=0-0,2-2', 'bytes=1000-1999', 'bytes=9999-'];
    for (const range of ranges) await site.ask(DOWNLOAD, { headers: { range } });

    const requests = await site.requests(3);
    expect(requests).toMatchObject([
      { statusCode: 200, range: { start: 0, end: SIZE }, bytesSent: SIZE },
      { statusCode: 206, range: { start: 1000, end: 2000 }, bytesSent: 1000 },
      { statusCode: 416 },
    ]);
    expect(requests[2]).not.toHaveProperty('range');
    await site.close();
  });
});
