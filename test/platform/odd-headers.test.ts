import { buffer } from 'node:stream/consumers';
import { KEY, rejection, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

describe('a download whose record has a checksum', () => {
  const ODD = [
    { 'content-encoding': 'aws-chunked' },
    { 'content-encoding': 'gzip' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'text/html' },
    { 'content-type': 'application/json' },
    { 'content-type': 'multipart/x-zip' },
    { 'content-type': 'text/plain', 'content-encoding': 'aws-chunked' },
  ];
  let server: HostilePlatform;
  beforeAll(async () => (server = await startHostilePlatform()));
  afterAll(() => server.close());
  const proven = (signal = untouched()) =>
    server.client().download(KEY, { from: 0, hasChecksum: true }, signal);

  it.each(ODD)('is accepted if it begins like a zip, although its headers say %j', async (headers) => {
    const bytes = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(300_000, 'x')]);
    server.answerWith((_, response) => response.writeHead(200, headers).end(bytes));
    expect(bytes.equals(await buffer((await proven()).body))).toBe(true);
  });

  it.each(ODD)('is refused if it does not begin like a zip, and its headers say %j', async (headers) => {
    for (const body of ['<html>MARKER', 'P', '', Buffer.from('1f8b0800', 'hex')]) {
      server.answerWith((_, response) => response.writeHead(200, headers).end(body));
      expect(await rejection(proven())).toMatchObject({ type: 'FileRefused' });
    }
  });

  it.each(ODD.filter((headers) => headers['content-encoding'] !== 'gzip'))(
    'resumes with a matching part, although its headers say %j',
    async (headers) => {
      const part = { from: 4, totalBytes: 6, hasChecksum: true };
      server.answerWith((_, response) =>
        response.writeHead(206, { 'content-range': 'bytes 4-5/6', ...headers }).end('EF'),
      );
      const { body, start } = await server.client().download(KEY, part, untouched());
      expect([start, String(await buffer(body))]).toEqual([4, 'EF']);
    },
  );

  it('fails as an unavailable platform if the connection is cut before the first byte', async () => {
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 9 }).flushHeaders();
      setTimeout(() => response.destroy(), 20);
    });
    expect(await rejection(proven())).toMatchObject({ type: 'PlatformUnavailable' });
  });

  it("stops with the signal's reason if its signal aborts before the first byte", async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    server.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders();
      setTimeout(() => controller.abort(reason), 20);
    });
    expect(await rejection(proven(controller.signal))).toBe(reason);
  });
});
