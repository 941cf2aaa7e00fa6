import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { notification, PATH, startTestGateway, tenant, TOPIC, type TestGateway } from './gateway';
import { exchange } from './raw-http';

const OTHER_SECRET = 'secret-of-othercompany-0';
const OLD_SECRET = 'old-secret-of-mycompany-';
const SECOND = { callbackSecrets: [PATH.split('/').at(-1), OLD_SECRET] };

describe('a notification', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({
      tenants: { mycompany: tenant('', SECOND), other: tenant(OTHER_SECRET) },
    });
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    (gateway.taken as unknown[]).length = 0;
    gateway.intakeGives(() => Promise.resolve('accepted'));
  });

  it.each([TOPIC, 'communciation.archives.archive.available'])(
    'with the topic %s is accepted',
    async (topic) => {
      const answer = await gateway.post(notification('abc123', topic));
      expect(answer.status).toBe(202);
      await expect(answer.json()).resolves.toEqual({ status: 'accepted' });
      expect(gateway.taken).toEqual([{ tenant: 'mycompany', archiveId: 'abc123' }]);
    },
  );

  it.each([
    ['no topic', { audience: '*' }],
    ['no meta', undefined],
    ['a topic that is no text', { topic: ['x'] }],
    ['a meta that is no object', 'x'],
  ])('with %s is accepted, because the secret identifies the topic', async (_, meta) => {
    const answer = await gateway.post({ ...notification(), meta });
    expect(answer.status).toBe(202);
    expect(gateway.taken).toHaveLength(1);
  });

  it.each(['communication.archives.archive.deleted', '', 'x', `${TOPIC}.more`])(
    'with another topic is acknowledged and ignored: %p',
    async (topic) => {
      const answer = await gateway.post(notification('abc123', topic));
      expect(answer.status).toBe(202);
      await expect(answer.json()).resolves.toEqual({ status: 'ignored' });
      expect(gateway.taken).toEqual([]);
    },
  );

  it('with another topic is ignored whatever its data', async () => {
    const answer = await gateway.post({ data: null, meta: { topic: 'something.else' } });
    await expect(answer.json()).resolves.toEqual({ status: 'ignored' });
  });

  it('that is already known is a duplicate', async () => {
    gateway.intakeGives(() => Promise.resolve('duplicate'));
    const answer = await gateway.post(notification());
    expect(answer.status).toBe(202);
    await expect(answer.json()).resolves.toEqual({ status: 'duplicate' });
  });

  it('that could not be stored durably gets a request to retry', async () => {
    gateway.intakeGives(() => Promise.resolve('unavailable'));
    const answer = await gateway.post(notification());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    await expect(answer.json()).resolves.toEqual({ error: 'service unavailable' });
  });

  it('that caused an error is not acknowledged, and the response does not say why', async () => {
    gateway.intakeGives(() => Promise.reject(new Error('MARKER')));
    const answer = await gateway.post(notification());
    expect(answer.status).toBe(500);
    await expect(answer.text()).resolves.toBe('{"error":"internal server error"}');
  });

  it.each([
    ['mycompany', PATH],
    ['mycompany', `/callbacks/flexperto/${OLD_SECRET}`],
    ['other', `/callbacks/flexperto/${OTHER_SECRET}`],
  ])('belongs to the tenant of its secret, whatever tenant it names: %s', async (owner, path) => {
    await gateway.post({ ...notification(), meta: { topic: TOPIC, tenant: 'third' } }, path);
    expect(gateway.taken).toEqual([{ tenant: owner, archiveId: 'abc123' }]);
  });

  it('is trusted only for its archive id', async () => {
    await gateway.post({ ...notification(), tenant: 'other', conference_id: 'c', status: 'AVAILABLE' });
    expect(gateway.taken).toEqual([{ tenant: 'mycompany', archiveId: 'abc123' }]);
  });

  it('may contain further properties of any type', async () => {
    const further = { constructor: 1, toString: [], a: null, b: { c: [[{}]] }, data: undefined };
    const { data } = notification() as { readonly data: object };
    const answer = await gateway.post({
      ...further,
      ...notification(),
      data: { ...further, ...data, archive_subject: 7 },
    });
    expect(answer.status).toBe(202);
    expect(gateway.taken).toEqual([{ tenant: 'mycompany', archiveId: 'abc123' }]);
  });

  it('may declare its character set, and may begin with a byte order mark', async () => {
    const answer = await gateway.post(notification(), PATH, {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer.status).toBe(202);
  });

  it.each([
    '../../etc/passwd',
    '..',
    '.hidden',
    'a/b',
    'a\\b',
    'a%2fb',
    'a:b',
    'a b',
    'a\n',
    'a\u0000',
    'é',
    '',
    '-rf',
    'a'.repeat(129),
    17.5,
    -1,
    2 ** 53,
    1e300,
    null,
    true,
    ['a'],
    { $ne: 1 },
  ])('with the archive id %p is refused as unprocessable', async (archiveId) => {
    const answer = await gateway.post(notification(archiveId));
    expect(answer.status).toBe(422);
    await expect(answer.text()).resolves.toBe('{"error":"unprocessable content"}');
    expect(gateway.taken).toEqual([]);
  });

  it('may contain a number as its archive id', async () => {
    expect((await gateway.post(notification(4711))).status).toBe(202);
    expect(gateway.taken).toEqual([{ tenant: 'mycompany', archiveId: '4711' }]);
  });

  it.each(['application/cloudevents+json', 'application/vnd.flexperto.v2+JSON; charset=utf-8'])(
    'may have the content type %s',
    async (type) => {
      expect((await gateway.post(notification(), PATH, { 'content-type': type })).status).toBe(202);
    },
  );

  it('may have no content type', async () => {
    const body = JSON.stringify(notification());
    const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}`;
    await expect(exchange(gateway.port, `${head}\r\n\r\n${body}`)).resolves.toMatch(/^HTTP\/1\.1 202 /);
  });

  it('may use the path with a trailing slash', async () => {
    expect((await gateway.post(notification(), `${PATH}/`)).status).toBe(202);
  });

  it.each([
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('may be compressed with %s', async (encoding, compress) => {
    const body = compress(JSON.stringify(notification()));
    const answer = await gateway.post(body, PATH, { 'content-encoding': encoding });
    expect(answer.status).toBe(202);
    expect(gateway.taken).toEqual([{ tenant: 'mycompany', archiveId: 'abc123' }]);
  });

  it.each(['identity', 'utf-8', ''])('with the content encoding %p is read as it is', async (encoding) => {
    expect((await gateway.post(notification(), PATH, { 'content-encoding': encoding })).status).toBe(202);
  });

  it.each(['null', '[]', '7', '"text"', '{}', '{"data":null}', '{"data":[]}', '{"data":{}}'])(
    'with the body %s is refused as unprocessable',
    async (body) => {
      const answer = await gateway.post(body);
      expect(answer.status).toBe(422);
      expect(gateway.taken).toEqual([]);
    },
  );
});
