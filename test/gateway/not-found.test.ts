import { request } from 'undici';
import { notification, PATH, startTestGateway, tenant, type TestGateway } from './gateway';

const FOREIGN_SECRET = 'secret-from-elsewhere-00';
const JSON_HEADERS = { 'content-type': 'application/json' };

/** Bodies that would be refused in different ways by whoever reads them. */
const BODIES: readonly (readonly [string, string | Buffer, Readonly<Record<string, string>>])[] = [
  ['a notification', JSON.stringify(notification()), JSON_HEADERS],
  ['JSON that breaks off', '{"data":', JSON_HEADERS],
  ['JSON that changes the prototype', '{"__proto__":{}}', JSON_HEADERS],
  ['nothing', '', JSON_HEADERS],
  ['text', 'text', { 'content-type': 'text/plain' }],
  ['a type that nobody reads', 'x', { 'content-type': 'application/x-nothing' }],
  ['a type that is none', 'x', { 'content-type': '@' }],
  ['a body that is too large', Buffer.alloc(1024 * 1024 + 1, 0x20), JSON_HEADERS],
];

/** What a stranger may try. */
const TRIES = [
  ['a wrong secret', '/callbacks/flexperto/wrong-secret-000000000000'],
  ['a part of the secret', PATH.slice(0, -1)],
  ['the secret in upper case', PATH.toUpperCase().replace('/CALLBACKS/FLEXPERTO', '/callbacks/flexperto')],
  ['a secret from a source that may not use it', `/callbacks/flexperto/${FOREIGN_SECRET}`],
  ['no secret', '/callbacks/flexperto/'],
  ['a path below the secret', `${PATH}/more`],
  ['the secret with two slashes behind it', `${PATH}//`],
  ['an unknown path', '/admin'],
  ['the root', '/'],
  ['metrics, which have an address of their own', '/metrics'],
] as const;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({
    tenants: {
      mycompany: tenant(PATH.split('/').at(-1) ?? ''),
      foreign: tenant(FOREIGN_SECRET, { allowedSources: ['192.0.2.0/24'] }),
    },
  });
});
afterAll(() => gateway.close());
afterEach(() => expect(gateway.taken).toEqual([]));

async function answerTo(method: string, path: string, body: string | Buffer | null, headers: object = {}) {
  const answer = await request(gateway.url + path, {
    method: method as 'GET',
    headers: { ...headers },
    body,
  });
  // What differs from one answer to the next by itself.
  const ownTime = ['date', 'keep-alive'];
  const fixed = Object.entries(answer.headers).filter(([name]) => !ownTime.includes(name));
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(fixed),
    body: await answer.body.text(),
  };
}

const NOT_FOUND = {
  status: 404,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'content-length': '21',
    connection: 'keep-alive',
  },
  body: '{"error":"not found"}',
};

describe.each(TRIES)('%s', (_, path) => {
  it.each(BODIES)('with %s gets the same answer as an unknown path', async (_body, body, headers) => {
    await expect(answerTo('POST', path, body, headers)).resolves.toEqual(NOT_FOUND);
  });

  it.each(['GET', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    'with %s gets the same answer as an unknown path',
    async (method) => {
      await expect(answerTo(method, path, null)).resolves.toEqual(NOT_FOUND);
    },
  );
});

describe('the callback path with its secret', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    'answers %s like an unknown path',
    async (method) => {
      const headers = method === 'PUT' ? { 'content-length': '0' } : {};
      await expect(answerTo(method, PATH, null, headers)).resolves.toEqual(NOT_FOUND);
    },
  );

  it('answers HEAD like an unknown path', async () => {
    const unknown = await answerTo('HEAD', '/admin', null);
    expect(unknown).toMatchObject({ status: 404, body: '' });
    await expect(answerTo('HEAD', PATH, null)).resolves.toEqual(unknown);
  });
});
