import { buffer } from 'node:stream/consumers';
import { KEY, rejection, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

describe('a whole file', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  async function offered(headers: Readonly<Record<string, string>>) {
    server.answerWith((_, response) => response.writeHead(200, headers).end('PK'));
    const { body, ...rest } = await server.client().download(KEY, { from: 0 }, untouched());
    await buffer(body);
    return rest;
  }

  it('with a strong tag can be told from another', async () => {
    await expect(offered({ etag: '"e"' })).resolves.toEqual({ start: 0, validator: '"e"' });
  });

  it.each([
    ['a weak tag', { etag: 'W/"e"' }],
    ['no tag', {}],
  ])('with %s cannot', async (_, headers) => {
    await expect(offered(headers)).resolves.toEqual({ start: 0 });
  });

  it.each([
    'text/html; charset=utf-8',
    'TEXT/HTML',
    'text/plain',
    'application/json',
    'application/json; charset=utf-8',
    'application/problem+json',
  ])('is none where it is a page: %s', async (type) => {
    const error = await rejection(offered({ 'content-type': type }));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain('the file of archive a1 of mycompany is a page and no archive');
  });

  it.each([
    'application/zip',
    'application/octet-stream',
    'application/x-zip-compressed',
    'binary/octet-stream',
  ])('may be of any type that is no page: %s', async (type) => {
    await expect(offered({ 'content-type': type })).resolves.toMatchObject({ start: 0 });
  });
});
