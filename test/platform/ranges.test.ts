import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Part } from '../../src/platform/download';
import { KEY, rejection, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

const FILE = Buffer.from('ABCDEFGHIJ');
const PART: Part = { from: 4, validator: '"e"', totalBytes: 10 };

type Headers = Readonly<Record<string, string | number>>;

describe('a range request', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());
  beforeEach(() => server.reset());

  /** Answers a request for a range with `answer`, and any other with the whole file. */
  function answerRanges(answer: (response: ServerResponse) => unknown): void {
    server.answerWith(({ headers }, response) => {
      if (headers.range !== undefined) answer(response);
      else response.writeHead(200, { 'content-length': 10, etag: '"e"' }).end(FILE);
    });
  }
  const partial = (headers: Headers, body = FILE.subarray(4)) =>
    answerRanges((response) => response.writeHead(206, { etag: '"e"', ...headers }).end(body));

  async function download(part: Part = PART) {
    const { body, ...rest } = await server.client().download(KEY, part, untouched());
    return { ...rest, bytes: String(await buffer(body)) };
  }
  const ranges = () => server.seen.map(({ headers }) => headers.range);

  it('returns the missing bytes and their position', async () => {
    partial({ 'content-range': 'bytes 4-9/10', 'content-length': 6 });
    await expect(download()).resolves.toEqual({
      start: 4,
      end: 10,
      totalBytes: 10,
      validator: '"e"',
      bytes: 'EFGHIJ',
    });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.headers).toMatchObject({
      range: 'bytes=4-',
      'if-range': '"e"',
      'accept-encoding': 'identity',
    });
  });

  it('accepts fewer bytes than it asked for', async () => {
    partial({ 'content-range': 'bytes 4-5/10' }, FILE.subarray(4, 6));
    await expect(download()).resolves.toMatchObject({ start: 4, end: 6, totalBytes: 10, bytes: 'EF' });
  });

  it('is sent without a validator if there was none, because the whole file is verified in the end', async () => {
    answerRanges((response) => response.writeHead(206, { 'content-range': 'bytes 4-9/10' }).end('EFGHIJ'));
    await expect(download({ from: 4, totalBytes: 10 })).resolves.toEqual({
      start: 4,
      end: 10,
      totalBytes: 10,
      bytes: 'EFGHIJ',
    });
    expect(server.seen[0]?.headers).not.toHaveProperty('if-range');
  });

  it('works for a file of unknown length, and learns the length', async () => {
    partial({ 'content-range': 'bytes 4-9/10' });
    await expect(download({ from: 4, validator: '"e"' })).resolves.toMatchObject({ totalBytes: 10 });
  });

  const MISFITS: readonly (readonly [string, Headers])[] = [
    ['begins elsewhere', { 'content-range': 'bytes 5-9/10' }],
    ['begins with the file', { 'content-range': 'bytes 0-9/10' }],
    ['is of a longer file', { 'content-range': 'bytes 4-9/11' }],
    ['is of a shorter file', { 'content-range': 'bytes 4-8/9' }],
    ['is of a file of unknown length', { 'content-range': 'bytes 4-9/*' }],
    ['is of another file', { 'content-range': 'bytes 4-9/10', etag: '"other"' }],
    ['is of a file with a weak tag', { 'content-range': 'bytes 4-9/10', etag: 'W/"e"' }],
    ['is of a file without a tag', { 'content-range': 'bytes 4-9/10', etag: '' }],
    ['has no range', {}],
    ['has a range that cannot be', { 'content-range': 'bytes 9-4/10' }],
    ['counts something else', { 'content-range': 'items 4-9/10' }],
    ['has more parts than one', { 'content-type': 'multipart/byteranges; boundary=x' }],
    [
      'has more parts than one, and a range all the same',
      { 'content-type': 'multipart/byteranges; boundary=x', 'content-range': 'bytes 4-9/10' },
    ],
    ['has another length than its range', { 'content-range': 'bytes 4-8/10', 'content-length': 6 }],
    ['is encoded', { 'content-range': 'bytes 4-9/10', 'content-encoding': 'gzip' }],
    ['is a page', { 'content-range': 'bytes 4-9/10', 'content-type': 'text/html' }],
  ];

  it.each(MISFITS)('is followed by one plain request if the response %s', async (_, headers) => {
    partial(headers);
    await expect(download()).resolves.toMatchObject({ start: 0, totalBytes: 10, bytes: 'ABCDEFGHIJ' });
    expect(ranges()).toEqual(['bytes=4-', undefined]);
    expect(server.seen[1]?.headers).not.toHaveProperty('if-range');
  });

  it('closes the connection of a response that does not fit', async () => {
    const closed = new Promise((resolve) => {
      answerRanges((response) => {
        response.socket?.once('close', resolve);
        response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).write('never ends');
      });
    });
    await download();
    await closed;
  });

  it('restarts the file if the server sends the whole of it', async () => {
    answerRanges((response) => response.writeHead(200, { 'content-length': 10, etag: '"new"' }).end(FILE));
    await expect(download()).resolves.toMatchObject({ start: 0, validator: '"new"', bytes: 'ABCDEFGHIJ' });
    expect(server.seen).toHaveLength(1);
  });

  const unsatisfied = (range?: string) =>
    answerRanges((response) =>
      response.writeHead(416, range === undefined ? {} : { 'content-range': range }).end('MARKER'),
    );

  it('for a file of unknown length completes if the server says that nothing is left', async () => {
    unsatisfied('bytes */4');
    await expect(download({ from: 4, validator: '"e"' })).resolves.toEqual({
      start: 4,
      end: 4,
      totalBytes: 4,
      bytes: '',
    });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['another length', 'bytes */7'],
    ['no length', 'bytes */*'],
    ['nothing', undefined],
    ['that the known file ends here, though it is longer', 'bytes */4'],
  ])('restarts the file if the server refuses the range and says %s', async (_, range) => {
    unsatisfied(range);
    await expect(download()).resolves.toMatchObject({ start: 0, bytes: 'ABCDEFGHIJ' });
    expect(ranges()).toEqual(['bytes=4-', undefined]);
  });

  it.each([
    [404, 'ArchiveNotFound'],
    [403, 'CredentialsRejected'],
    [503, 'PlatformUnavailable'],
    [204, 'PlatformUnavailable'],
  ])('is refused with %i like any other download, without a second request', async (status, type) => {
    answerRanges((response) => response.writeHead(status).end());
    await expect(rejection(download())).resolves.toMatchObject({ type });
    expect(server.seen).toHaveLength(1);
  });

  it('is refused if the plain request is refused, too', async () => {
    server.answerWith(({ headers }, response) =>
      response.writeHead(headers.range === undefined ? 503 : 416, { 'retry-after': '7' }).end(),
    );
    await expect(rejection(download())).resolves.toMatchObject({
      type: 'PlatformUnavailable',
      retryAfterMs: 7_000,
    });
    expect(server.seen).toHaveLength(2);
  });

  it.each([206, 416])('fails if the server answers the plain request with %i, too', async (status) => {
    server.answerWith((_, response) =>
      response.writeHead(status, { 'content-range': 'bytes 0-9/10' }).end(FILE),
    );
    const error = await rejection(download());
    expect(String(error)).toContain(`answered ${status}`);
    expect(server.seen.length).toBeLessThanOrEqual(2);
  });
});
