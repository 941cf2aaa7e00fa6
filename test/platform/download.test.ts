import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { parseContentRange, parseUnsatisfied, strongTag } from '../../src/platform/download';
import { KEY, rejection, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

const position = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 });

describe('Content-Range of a partial response', () => {
  it('contains the positions of any part of any file', () => {
    fc.assert(
      fc.property(position, position, position, (...positions) => {
        const [first, last, total] = positions.sort((one, other) => one - other);
        expect(parseContentRange(`bytes ${first}-${last}/${total + 1}`)).toEqual({
          start: first,
          end: last + 1,
          totalBytes: total + 1,
        });
      }),
    );
  });

  it.each(['bytes 5-9/20', 'Bytes 5-9/20', 'BYTES 5-9/20', ' bytes 5-9/20 ', 'bytes 05-9/020'])(
    'is parsed in any notation: %p',
    (header) => {
      expect(parseContentRange(header)).toEqual({ start: 5, end: 10, totalBytes: 20 });
    },
  );

  it.each([
    ['a file of unknown length', 'bytes 5-9/*'],
    ['an answer of status 416', 'bytes */20'],
    ['another unit', 'items 5-9/20'],
    ['no unit', '5-9/20'],
    ['no end', 'bytes 5-/20'],
    ['no beginning', 'bytes -9/20'],
    ['no length', 'bytes 5-9'],
    ['an end before the beginning', 'bytes 9-5/20'],
    ['an end after the length', 'bytes 5-20/20'],
    ['negative positions', 'bytes -5--1/20'],
    ['half positions', 'bytes 5.0-9/20'],
    ['other digits', 'bytes 0x5-9/20'],
    ['digits of another script', 'bytes ٥-9/20'],
    ['several ranges', 'bytes 5-9/20, 11-12/20'],
    ['more digits than positions have', `bytes 5-9/${'9'.repeat(17)}`],
    ['two headers', ['bytes 5-9/20', 'bytes 5-9/20']],
    ['nothing', ''],
    ['no header', undefined],
  ])('is not parsed from %s', (_, header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });

  it('is parsed if and only if the part lies within the file', () => {
    const small = fc.nat({ max: 12 });
    fc.assert(
      fc.property(small, small, small, (first, last, total) => {
        const lies = first <= last && last < total;
        expect(parseContentRange(`bytes ${first}-${last}/${total}`)).toEqual(
          lies ? { start: first, end: last + 1, totalBytes: total } : undefined,
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('Content-Range of an unsatisfiable range', () => {
  it('contains the length of the file', () => {
    fc.assert(
      fc.property(position, (total) => {
        expect(parseUnsatisfied(`bytes */${total}`)).toBe(total);
      }),
    );
  });

  it.each([['bytes */*'], ['bytes 5-9/20'], ['items */20'], ['*/20'], ['bytes */-1'], [''], [undefined]])(
    'is not parsed from %p',
    (header) => {
      expect(parseUnsatisfied(header)).toBeUndefined();
    },
  );
});

describe('an entity tag', () => {
  it.each(['"abc"', '""', '"a/b!#~"', '"9f86d081"', '"é"'])('is strong: %s', (header) => {
    expect(strongTag(header)).toBe(header);
  });

  it('is parsed without the space around it', () => {
    expect(strongTag(' "abc"\t')).toBe('"abc"');
  });

  it.each([
    ['W/"abc"'],
    ['w/"abc"'],
    ['abc'],
    ['"abc'],
    ['abc"'],
    ['"'],
    ['"a"b"'],
    ['"a b"'],
    ['"a", "b"'],
    ['"a\u0000"'],
    ['"a\r\nx: y"'],
    ['"面談"'],
    [''],
    [undefined],
    [['"abc"', '"abc"']],
  ])('is not strong: %p', (header) => {
    expect(strongTag(header)).toBeUndefined();
  });

  it('is never strong if it is marked as weak, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(strongTag(`W/"${text}"`)).toBeUndefined();
      }),
    );
  });
});

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

  it('with a strong tag can be distinguished from another one', async () => {
    await expect(offered({ etag: '"e"' })).resolves.toEqual({ start: 0, validator: '"e"' });
  });

  it.each([
    ['a weak tag', { etag: 'W/"e"' }],
    ['no tag', {}],
  ])('with %s cannot be distinguished', async (_, headers) => {
    await expect(offered(headers)).resolves.toEqual({ start: 0 });
  });

  it.each([
    'text/html; charset=utf-8',
    'TEXT/HTML',
    'text/plain',
    'application/json',
    'application/json; charset=utf-8',
    'application/problem+json',
  ])('is refused if its type is %s', async (type) => {
    const error = await rejection(offered({ 'content-type': type }));
    expect(error).toMatchObject({ type: 'FileRefused' });
    expect(String(error)).toContain('the file of archive a1 of mycompany is a page and no archive');
  });

  it.each([
    'application/zip',
    'application/octet-stream',
    'application/x-zip-compressed',
    'binary/octet-stream',
  ])('may have the type %s', async (type) => {
    await expect(offered({ 'content-type': type })).resolves.toMatchObject({ start: 0 });
  });
});

describe('a platform that closes the connection before the file has been read', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  // See docs/decisions/0020: in some versions of undici, this ended the process.
  it.each([
    ['with its length', { connection: 'close', 'content-length': 65_536 }],
    ['without a length', { connection: 'close' }],
  ])('does not break the download: %s', async (_case, headers) => {
    const bytes = Buffer.alloc(65_536, 'PK');
    server.answerWith((_, response) => response.writeHead(200, headers).end(bytes));
    const { body } = await server.client().download(KEY, { from: 0 }, untouched());
    await pause(300);
    await expect(buffer(body)).resolves.toEqual(bytes);
  });
});
