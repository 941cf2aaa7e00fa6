import { buffer } from 'node:stream/consumers';
import {
  API_KEY,
  json,
  KEY,
  rejection,
  startHostilePlatform,
  untouched,
  type HostilePlatform,
} from './hostile-platform';

describe('a platform that redirects downloads to another server', () => {
  let platform: HostilePlatform;
  let elsewhere: HostilePlatform;
  beforeAll(async () => {
    [platform, elsewhere] = await Promise.all([startHostilePlatform(), startHostilePlatform()]);
  });
  afterAll(() => Promise.all([platform.close(), elsewhere.close()]));
  beforeEach(() => {
    elsewhere.reset();
    platform.answerWith((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/bucket/file?signature=MARKER` }).end(),
    );
  });

  const download = () => platform.client().download(KEY, { from: 0 }, untouched());
  const answer = (status: number, headers: Readonly<Record<string, string>> = {}) =>
    elsewhere.answerWith((_, response) => response.writeHead(status, headers).end('MARKER'));

  it('never shows the key to that server', async () => {
    elsewhere.answerWith((_, response) => response.writeHead(200, { etag: '"e"' }).end('PK'));
    const { body, validator } = await download();
    expect(String(await buffer(body))).toBe('PK');
    expect(validator).toBe('"e"');
    expect(JSON.stringify(elsewhere.seen)).not.toContain(API_KEY);
  });

  it('receives a request for every part, and the other server receives the range', async () => {
    platform.reset();
    elsewhere.answerWith((_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 2-3/4', etag: '"e"' }).end('34'),
    );
    const part = { from: 2, validator: '"e"', totalBytes: 4 };
    const { body, start } = await platform.client().download(KEY, part, untouched());
    expect([start, String(await buffer(body))]).toEqual([2, '34']);
    expect(platform.seen).toHaveLength(1);
    expect(elsewhere.seen[0]?.headers).toMatchObject({ range: 'bytes=2-', 'if-range': '"e"' });
  });

  it.each([400, 401, 403, 404, 410, 429, 500, 503])(
    'does not count as having refused the key or lost the archive if that server answers %i',
    async (status) => {
      answer(status);
      const error = await rejection(download());
      expect(error).toMatchObject({ type: 'PlatformUnavailable' });
      expect(String(error)).toContain(`redirects answered ${status} for the file of archive a1`);
      expect(String(error)).not.toMatch(/MARKER|127\.0\.0\.1/);
    },
  );

  it('is left alone for as long as that server asks', async () => {
    answer(503, { 'retry-after': '7' });
    await expect(rejection(download())).resolves.toMatchObject({ retryAfterMs: 7_000 });
  });

  it('refuses the API key only if its own origin says so, not the storage that it redirects to', async () => {
    platform.answerWith((_, response) => response.writeHead(403).end());
    await expect(rejection(download())).resolves.toMatchObject({ type: 'CredentialsRejected' });
  });

  it.each([401, 403, 404])(
    'does not count as having refused the key or lost the record if another origin answers %i',
    async (status) => {
      answer(status);
      const error = await rejection(platform.client().fetchRecord(KEY, untouched()));
      expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    },
  );

  it('counts as unavailable if another origin answers with a sign-in page instead of a record', async () => {
    answer(200, { 'content-type': 'text/html' });
    const error = await rejection(platform.client().fetchRecord(KEY, untouched()));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).not.toContain('MARKER');
  });

  it('may redirect records within its own origin, with the key', async () => {
    platform.reset();
    platform.answerWith((request, response) => {
      if (request.url === '/moved') json({ archiveId: 'a1', status: 'PACKING' })(request, response);
      else response.writeHead(301, { location: '/moved' }).end();
    });
    const record = await platform.client().fetchRecord(KEY, untouched());
    expect(record.status).toBe('PACKING');
    expect(platform.seen.map(({ headers }) => headers['api-key'])).toEqual([API_KEY, API_KEY]);
  });
});
