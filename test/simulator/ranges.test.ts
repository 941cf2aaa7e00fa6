import { startFaultySite, DOWNLOAD, SIZE, type FaultySite } from './faults/site';

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
  ])('%s gives the bytes from %d to before %d', async (range, start, end) => {
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

  test.each([`bytes=${SIZE}-`, 'bytes=99999-', 'bytes=-0'])('%s cannot be given', async (range) => {
    const { status, headers } = await site.ask(DOWNLOAD, { headers: { range } });

    expect(status).toBe(416);
    expect(headers).toMatchObject({ 'content-range': `bytes */${SIZE}` });
  });

  test('gives the range while the ETag of If-Range is the file’s', async () => {
    const headers = { range: 'bytes=1000-', 'if-range': `"${site.sha256}"` };

    expect((await site.ask(DOWNLOAD, { headers })).status).toBe(206);
  });

  test.each([
    ['another ETag', () => '"another"'],
    ['the ETag in its weak form', () => `W/"${site.sha256}"`],
    ['the checksum without quotes', () => site.sha256],
    ['a date', () => new Date().toUTCString()],
  ])('gives the whole file for If-Range with %s', async (_what, ifRange) => {
    const headers = { range: 'bytes=1000-', 'if-range': ifRange() };
    const { status, body } = await site.ask(DOWNLOAD, { headers });

    expect(status).toBe(200);
    expect(body).toHaveLength(SIZE);
  });

  test('gives the whole file for If-Range without Range', async () => {
    const headers = { 'if-range': `"${site.sha256}"` };

    expect((await site.ask(DOWNLOAD, { headers })).status).toBe(200);
  });
});

describe('the journal', () => {
  test('tells which positions were to be sent, and how many bytes were', async () => {
    const site = await startFaultySite();
    for (const range of ['bytes=0-0,2-2', 'bytes=1000-1999', 'bytes=9999-']) {
      await site.ask(DOWNLOAD, { headers: { range } });
    }

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
