import { startFaultySite, DOWNLOAD, SIZE, type FaultySite } from './site';

const headers = { range: 'bytes=1000-1999' };

let site: FaultySite;

beforeEach(async () => (site = await startFaultySite()));
afterEach(() => site.close());

describe('a range fault', () => {
  test.each([
    { fault: 'ignoreRange' },
    { fault: 'wrongContentRange' },
    { fault: 'multipartRange' },
    { fault: 'rangeNotSatisfiable' },
  ] as const)('$fault does not affect a whole download', async (rule) => {
    const { status, body } = await site.meet(rule, DOWNLOAD);

    expect(status).toBe(200);
    expect(body.equals(site.bytes)).toBe(true);
    expect((await site.requests(1))[0]).not.toHaveProperty('fault');
  });
});

describe('ignoreRange', () => {
  test('returns the whole file', async () => {
    const answer = await site.meet({ fault: 'ignoreRange' }, DOWNLOAD, { headers });

    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('content-range');
    expect(answer.body.equals(site.bytes)).toBe(true);
    expect((await site.requests(1))[0]).toMatchObject({
      fault: 'ignoreRange',
      range: { start: 0, end: SIZE },
      bytesSent: SIZE,
    });
  });
});

describe('wrongContentRange', () => {
  test.each([
    ['start', `bytes 1001-1999/${SIZE}`],
    ['end', `bytes 1000-1998/${SIZE}`],
    ['total', `bytes 1000-1999/${SIZE + 1}`],
    ['unit', `items 1000-1999/${SIZE}`],
    ['missing', undefined],
  ] as const)('sends a wrong %s', async (wrong, contentRange) => {
    const answer = await site.meet({ fault: 'wrongContentRange', wrong }, DOWNLOAD, { headers });

    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(contentRange);
    expect(answer.body.equals(site.bytes.subarray(1000, 2000))).toBe(true);
  });
});

describe('multipartRange', () => {
  test('wraps the range in a multipart body of the announced length', async () => {
    const {
      status,
      headers: given,
      body,
    } = await site.meet({ fault: 'multipartRange' }, DOWNLOAD, { headers });

    expect(status).toBe(206);
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(given['content-type'] ?? '')?.[1];
    expect(given['content-length']).toBe(String(body.length));
    const [head] = body.toString('latin1').split('\r\n\r\n');
    expect(head).toBe(
      `--${boundary}\r\nContent-Type: application/zip\r\nContent-Range: bytes 1000-1999/${SIZE}`,
    );
    const start = head!.length + 4;
    expect(body.subarray(start, start + 1000).equals(site.bytes.subarray(1000, 2000))).toBe(true);
    expect(body.subarray(start + 1000).toString()).toBe(`\r\n--${boundary}--\r\n`);
  });
});

describe('rangeNotSatisfiable', () => {
  test.each([
    [{}, SIZE],
    [{ total: 1000 }, 1000],
  ])('%j refuses a satisfiable range, and states a file size of %d bytes', async (parameters, total) => {
    const answer = await site.meet({ fault: 'rangeNotSatisfiable', ...parameters }, DOWNLOAD, { headers });

    expect(answer.status).toBe(416);
    expect(answer.headers['content-range']).toBe(`bytes */${total}`);
  });
});

describe('newETag', () => {
  test('returns another ETag with every response, and the bytes of the file', async () => {
    const first = await site.meet({ fault: 'newETag' }, DOWNLOAD);
    const second = await site.ask(DOWNLOAD);

    expect(first.headers['etag']).toMatch(/^"\w+"$/);
    expect(second.headers['etag']).not.toBe(first.headers['etag']);
    expect(second.body.equals(site.bytes)).toBe(true);
  });

  test('returns the whole file for an older ETag in If-Range', async () => {
    const { headers: first } = await site.meet({ fault: 'newETag' }, DOWNLOAD);
    const ifRange = { ...headers, 'if-range': first['etag'] ?? '' };
    const { status, body } = await site.ask(DOWNLOAD, { headers: ifRange });

    expect(status).toBe(200);
    expect(body).toHaveLength(SIZE);
  });

  test('returns the whole file for the first ETag in If-Range', async () => {
    const ifRange = { ...headers, 'if-range': `"${site.sha256}"` };

    expect((await site.meet({ fault: 'newETag' }, DOWNLOAD, { headers: ifRange })).status).toBe(200);
  });

  test('returns the range of a changed file, ignoring If-Range, if that is requested', async () => {
    const rule = { fault: 'newETag', ignoreIfRange: true, otherBytes: true } as const;
    const ifRange = { ...headers, 'if-range': `"${site.sha256}"` };
    const answer = await site.meet(rule, DOWNLOAD, { headers: ifRange });

    expect(answer.status).toBe(206);
    expect(answer.headers).toMatchObject({ 'content-range': `bytes 1000-1999/${SIZE}` });
    expect(answer.headers['etag']).not.toBe(`"${site.sha256}"`);
    expect(answer.body).toHaveLength(1000);
    expect(answer.body.equals(site.bytes.subarray(1000, 2000))).toBe(false);
  });

  test('changes the bytes, if that is requested', async () => {
    const { headers: given, body } = await site.meet({ fault: 'newETag', otherBytes: true }, DOWNLOAD);

    expect(given['content-length']).toBe(String(SIZE));
    expect(body).toHaveLength(SIZE);
    expect(body.equals(site.bytes)).toBe(false);
  });
});

describe('weakETag', () => {
  test('returns an ETag that must not be used for ranges, and respects that', async () => {
    const { headers: given } = await site.meet({ fault: 'weakETag' }, DOWNLOAD);
    expect(given['etag']).toBe(`W/"${site.sha256}"`);

    const ifRange = { ...headers, 'if-range': given['etag'] ?? '' };
    expect((await site.ask(DOWNLOAD, { headers: ifRange })).status).toBe(200);
  });
});

describe('noETag', () => {
  test('returns no ETag, but serves ranges', async () => {
    const { status, headers: given, body } = await site.meet({ fault: 'noETag' }, DOWNLOAD, { headers });

    expect(status).toBe(206);
    expect(given).not.toHaveProperty('etag');
    expect(body.equals(site.bytes.subarray(1000, 2000))).toBe(true);
  });
});
