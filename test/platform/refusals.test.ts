import {
  API_KEY,
  KEY,
  rejection,
  startHostilePlatform,
  type HostilePlatform,
  untouched,
} from './hostile-platform';
import type { Platform } from '../../src/platform/create-platform';

const CALLS: readonly (readonly [
  string,
  string,
  (platform: Platform, signal: AbortSignal) => Promise<unknown>,
])[] = [
  [
    'fetchRecord',
    'the record of archive a1 of mycompany',
    (platform, signal) => platform.fetchRecord(KEY, signal),
  ],
  [
    'download',
    'the file of archive a1 of mycompany',
    (platform, signal) => platform.download(KEY, { from: 0 }, signal),
  ],
];

describe.each(CALLS)('%s', (_name, what, call) => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  const refusedWith = (status: number, headers: Readonly<Record<string, string | string[]>> = {}) => {
    server.answerWith((_, response) => response.writeHead(status, headers).end('MARKER body'));
    return rejection(call(server.client(), untouched()));
  };

  it.each([
    [401, 'CredentialsRejected', 60_000],
    [403, 'CredentialsRejected', 60_000],
    [404, 'ArchiveNotFound', undefined],
    [400, 'PlatformUnavailable', undefined],
    [408, 'PlatformUnavailable', undefined],
    [429, 'PlatformUnavailable', undefined],
    [500, 'PlatformUnavailable', undefined],
    [503, 'PlatformUnavailable', undefined],
  ])('reports %i as %s', async (status, type, retryAfterMs) => {
    const error = await refusedWith(status);
    expect(error).toMatchObject({ type, retryAfterMs });
    expect(String(error)).toContain(what);
    expect(String(error)).toContain(String(status));
    expect(String(error)).not.toMatch(/MARKER|127\.0\.0\.1|http|communication/);
  });

  it.each([401, 404, 409, 429, 503])('waits as long as the Retry-After of a %i asks for', async (status) => {
    await expect(refusedWith(status, { 'retry-after': '7' })).resolves.toMatchObject({ retryAfterMs: 7_000 });
  });

  it('accepts a date as Retry-After', async () => {
    const error = await refusedWith(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    const { retryAfterMs } = error as { readonly retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(55_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it.each([
    ['86400'],
    ['99999999999999999999999'],
    ['9'.repeat(400)],
    [new Date(Date.now() + 1e10).toUTCString()],
  ])('waits a quarter of an hour at most: %p', async (value) => {
    await expect(refusedWith(503, { 'retry-after': value })).resolves.toMatchObject({
      retryAfterMs: 900_000,
    });
  });

  it.each([['0'], ['-5'], ['soon'], [''], ['1.5'], ['Wed, 21 Oct 2015 07:28:00 GMT'], [['5', '9']]])(
    'uses the default pause if Retry-After is %p, and never no pause',
    async (value) => {
      await expect(refusedWith(503, { 'retry-after': value })).resolves.toMatchObject({
        retryAfterMs: undefined,
      });
      await expect(refusedWith(401, { 'retry-after': value })).resolves.toMatchObject({
        retryAfterMs: 60_000,
      });
    },
  );

  it('reports the code of a connection failure', async () => {
    const gone = await startHostilePlatform();
    await gone.close();
    const error = await rejection(call(server.client({ baseUrl: gone.url }), untouched()));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toBe(
      `ArchivistError: The platform could not be reached (ECONNREFUSED) for ${what}.`,
    );
  });

  it.each([
    ['closes without an answer', 'UND_ERR_SOCKET', () => ''],
    ['does not speak HTTP', 'HTTPParserError', () => `MARKER ${API_KEY}\r\n\r\n`],
    [
      'sends headers without end',
      'UND_ERR_HEADERS_OVERFLOW',
      () => `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`,
    ],
  ])('reports the code if the platform %s', async (_case, code, raw) => {
    server.answerWith(({ socket }) => socket.end(raw()));
    const error = await rejection(call(server.client(), untouched()));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain(code);
    expect(String(error)).not.toMatch(/MARKER|127\.0\.0\.1/);
  });

  it("stops with the signal's reason if its signal aborts while the platform is silent", async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    server.answerWith(() => controller.abort(reason));
    await expect(call(server.client(), controller.signal)).rejects.toBe(reason);
  });

  it("stops with the signal's reason if its signal aborts while a refusal arrives slowly", async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    server.answerWith((_, response) => {
      response.writeHead(500).write('drop');
      setTimeout(() => controller.abort(reason), 50);
    });
    await expect(call(server.client(), controller.signal)).rejects.toBe(reason);
  });

  it('sends no request if its signal has already aborted', async () => {
    server.reset();
    const reason = new Error('stopped by the test');
    await expect(call(server.client(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.seen).toEqual([]);
  });
});

describe('a missing file', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  it.each([
    ['download', 404, 'ArchiveNotFound'],
    ['download', 409, 'ArchiveNotFound'],
    ['download', 410, 'ArchiveNotFound'],
    ['fetchRecord', 409, 'PlatformUnavailable'],
    ['fetchRecord', 410, 'PlatformUnavailable'],
  ])('is reported by %s with status %i as %s, naming that status', async (name, status, type) => {
    server.answerWith((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('MARKER'));
    const [, what, call] = CALLS.find(([called]) => called === name)!;
    const error = await rejection(call(server.client(), untouched()));
    expect(error).toMatchObject({ type, retryAfterMs: 7_000 });
    expect(String(error)).toContain(what);
    expect(String(error)).toContain(String(status));
  });
});
