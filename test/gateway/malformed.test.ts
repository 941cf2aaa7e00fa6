import { brotliCompressSync, gzipSync } from 'node:zlib';
import { notification, PATH, startTestGateway, type TestGateway } from './gateway';
import { exchange } from './raw-http';

const JSON_TYPE = 'application/json';

describe('a request with the right secret', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());
  afterEach(() => expect(gateway.taken).toEqual([]));

  it.each([
    ['that breaks off', '{"data":{"archive_id":"abc123"'],
    ['with something behind it', '{} MARKER'],
    ['in single quotes', "{'MARKER':1}"],
    ['that is empty', ''],
    ['that is HTML', '<html>MARKER</html>'],
    ['that changes the prototype', '{"__proto__":{"MARKER":1},"data":{"archive_id":"abc123"}}'],
    [
      'that changes the prototype deep inside',
      '{"data":{"archive_id":"abc123","x":{"__proto__":{"MARKER":1}}}}',
    ],
    [
      'that changes the constructor',
      '{"constructor":{"prototype":{"MARKER":1}},"data":{"archive_id":"abc123"}}',
    ],
    ['of bytes', Buffer.from([0xff, 0xfe, 0x00])],
  ])('gets 400 for JSON %s', async (_, body) => {
    const answer = await gateway.post(body);
    expect(answer.status).toBe(400);
    await expect(answer.text()).resolves.toBe('{"error":"bad request"}');
    expect({}).not.toHaveProperty('MARKER');
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'MARKER',
  ])('gets 415 for the content type %s', async (type) => {
    const answer = await gateway.post(notification(), PATH, { 'content-type': type });
    expect(answer.status).toBe(415);
    await expect(answer.text()).resolves.toBe('{"error":"unsupported media type"}');
  });

  it.each([
    ['no gzip at all', Buffer.from('{}')],
    ['a gzip that breaks off', gzipSync(JSON.stringify(notification())).subarray(0, 40)],
  ])('gets 400 for a body with %s', async (_, body) => {
    const answer = await gateway.post(body, PATH, { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(400);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('gets 413 if it decompresses to more than 1 MiB, with %s', async (encoding, compress) => {
    const bomb = compress(JSON.stringify({ ...notification(), bomb: 'x'.repeat(20 * 1024 * 1024) }));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const answer = await gateway.post(bomb, PATH, { 'content-encoding': encoding });
    expect(answer.status).toBe(413);
  });

  it('gets 413 for a body of more than 1 MiB, judged by its length before it is sent', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: ${JSON_TYPE}\r\nconnection: close\r\n`;
    const answer = await exchange(gateway.port, `${head}content-length: 1048577\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('{"error":"payload too large"}');
  });

  it('gets 413 for a body of more than 1 MiB without a length', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: ${JSON_TYPE}\r\nconnection: close\r\n`;
    const chunk = `80000\r\n${' '.repeat(0x80000)}\r\n`;
    const answer = await exchange(
      gateway.port,
      `${head}transfer-encoding: chunked\r\n\r\n`,
      chunk,
      chunk,
      chunk,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is refused if its headers exceed 16 KiB', async () => {
    const answer = await exchange(
      gateway.port,
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nx: ${'MARKER'.repeat(5_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toMatch(/\r\n\r\n\{"error":"request header fields too large"\}$/);
  });
});

describe('an invalid HTTP request', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it.each([
    ['no HTTP', 'MARKER\r\n\r\n'],
    ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])],
    ['a method that does not exist', `MARKER ${PATH} HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['a length that is none', `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: MARKER\r\n\r\n`],
    ['two lengths', `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    [
      'a length and chunks',
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n`,
    ],
  ])('gets a response with a constant body: %s', async (_, bytes) => {
    const answer = await exchange(gateway.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/\r\n\r\n\{"error":"bad request"\}$/);
    expect(gateway.taken).toEqual([]);
  });

  it.each([
    ['a path that does not decode', '/callbacks/flexperto/%zzMARKER', 400],
    ['a secret without end', `/callbacks/flexperto/${'MARKER'.repeat(100)}`, 414],
  ])('gets a response with a constant body: %s', async (_, path, status) => {
    const answer = await gateway.post(notification(), path);
    expect(answer.status).toBe(status);
    await expect(answer.text()).resolves.toMatch(/^\{"error":"(bad request|uri too long)"\}$/);
  });
});
