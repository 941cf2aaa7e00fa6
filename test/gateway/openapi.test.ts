import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REFUSALS } from '../../src/gateway/http/refusals';
import { notification, PATH, startTestGateway, type TestGateway } from './gateway';
import { documentedStatuses, operation, responseOf, unusedResponses } from './openapi-document';
import { exchange } from './raw-http';

const CALLBACK = '/callbacks/flexperto/{secret}';
const TEXT = { 'content-type': 'text/plain' };
const HALF = `POST ${PATH} HTTP/1.1\r\nhost: x\r\n`;

type Answer = Pick<Response, 'status' | 'headers' | 'text'>;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ checks: { temporal: good, ledger: good } });
});
afterAll(() => gateway.close());

async function good(): Promise<void> {
  // Whatever is asked answers.
}

function bad(): Promise<never> {
  return Promise.reject(new Error('silent'));
}

describe('the OpenAPI document', () => {
  it('documents every status that the gateway returns, and no other', () => {
    const statuses = new Set<number>([...Object.values(REFUSALS), 200, 202]);
    expect(documentedStatuses()).toEqual([...statuses].sort((a, b) => a - b));
    expect(unusedResponses()).toEqual([]);
  });

  it.each(['available', 'other'])('has an example that is acknowledged: %s', async (name) => {
    const { examples } = operation(CALLBACK, 'post').requestBody!.content['application/json'];
    const answer = await gateway.post(examples[name]?.value);
    expect(answer.status).toBe(202);
  });

  it('has the example of the guide, and its result', () => {
    const { examples } = operation(CALLBACK, 'post').requestBody!.content['application/json'];
    expect(examples['available']?.value).toEqual(notification());
    const { schema } = responseOf(CALLBACK, 'post', 202)!.content!['application/json'];
    expect(schema.properties?.status?.enum).toEqual(['accepted', 'duplicate', 'ignored']);
    const callback = readFileSync(path.resolve(__dirname, '../../src/gateway/http/callback.ts'), 'utf8');
    for (const status of schema.properties?.status?.enum ?? []) expect(callback).toContain(`'${status}'`);
  });

  it('names the version of the package', () => {
    const read = (file: string) => readFileSync(path.resolve(__dirname, '../..', file), 'utf8');
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    expect(read('docs/openapi.yaml')).toContain(`\n  version: ${version}\n`);
  });
});

/** How each status of a notification comes about that has a constant body. */
const REFUSED: readonly (readonly [number, () => Promise<Answer>])[] = [
  [400, () => gateway.post('{')],
  [404, () => gateway.post({}, '/callbacks/flexperto/wrong-secret-000000000000')],
  [408, () => raw(HALF)],
  [413, () => gateway.post(' '.repeat(1024 * 1024 + 1))],
  [414, () => gateway.post({}, PATH + 'x'.repeat(256))],
  [415, () => gateway.post({}, PATH, TEXT)],
  [422, () => gateway.post({})],
  [431, () => raw(`${HALF}x: ${'x'.repeat(17_000)}\r\n\r\n`)],
  [500, () => whileIntake(() => Promise.reject(new Error('a fault')))],
  [503, () => whileIntake(() => Promise.resolve('unavailable'))],
];

describe('a refused notification', () => {
  it.each(REFUSED)('gets the documented status %i', async (status, provoke) => {
    await expectAsDocumented(CALLBACK, 'post', status, await provoke());
  });

  it('is tested here for every documented status', () => {
    const documented = Object.keys(operation(CALLBACK, 'post').responses).map(Number);
    expect(documented).toEqual([202, ...REFUSED.map(([status]) => status)]);
  });
});

describe('a request without a Host', () => {
  it.each([PATH, '/admin', '/livez'])('to %s gets 400, as documented', async (url) => {
    const answer = await raw(`POST ${url} HTTP/1.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    await expectAsDocumented(CALLBACK, 'post', 400, answer);
  });
});

describe.each(['/livez', '/readyz'])('%s', (route) => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('rejects %s, as documented', async (method) => {
    await expectAsDocumented(route, 'get', 405, await fetch(gateway.url + route, { method }));
  });
});

describe('readiness', () => {
  it.each([
    ['ok', 200, { checks: { temporal: good, ledger: good } }],
    ['degraded', 200, { checks: { temporal: good, ledger: bad } }],
    ['unavailable', 503, { checks: { temporal: bad, ledger: bad } }],
    ['stopping', 503, { checks: { temporal: good, ledger: good }, isStopping: () => true }],
  ])('is %s as documented', async (state, status, options) => {
    const other = await startTestGateway(options);
    const answer = await fetch(`${other.url}/readyz`);
    expect(answer.status).toBe(status);
    const { schema } = responseOf('/readyz', 'get', status)!.content!['application/json'];
    await expect(answer.json()).resolves.toMatchObject({ status: state });
    expect(schema.properties?.status?.enum).toContain(state);
    await other.close();
  });
});

async function expectAsDocumented(
  route: string,
  method: string,
  status: number,
  answer: Answer,
): Promise<void> {
  const documented = responseOf(route, method, status);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json(; charset=utf-8)?$/);
  expect(JSON.parse(await answer.text())).toEqual(documented?.content?.['application/json'].schema.const);
  for (const [name, { schema }] of Object.entries(documented?.headers ?? {}))
    expect(answer.headers.get(name)).toBe(schema.const);
}

/** What came back for bytes, as of `fetch`. */
async function raw(bytes: string): Promise<Answer> {
  const [head = '', body = ''] = (await exchange(gateway.port, bytes)).split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(': ') as [string, string]));
  return { status: Number(first.split(' ')[1]), headers, text: () => Promise.resolve(body) };
}

async function whileIntake(outcome: Parameters<TestGateway['intakeGives']>[0]): Promise<Answer> {
  gateway.intakeGives(outcome);
  const answer = await gateway.post(notification());
  gateway.intakeGives(() => Promise.resolve('accepted'));
  return answer;
}
