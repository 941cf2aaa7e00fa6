import { notification, PATH, SECRET, startTestGateway, tenant, type TestGateway } from './gateway';

const PLATFORM = '192.0.2.7';
const STRANGER = '203.0.113.9';
const ALLOWED = { mycompany: tenant(SECRET, { allowedSources: ['192.0.2.0/24', '2001:db8::/32'] }) };

async function statusFrom(gateway: TestGateway, forwardedFor?: string): Promise<number> {
  const headers: Record<string, string> =
    forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  const answer = await gateway.post(notification(), PATH, headers);
  if (answer.status === 404) await expect(answer.text()).resolves.toBe('{"error":"not found"}');
  return answer.status;
}

describe('behind a trusted proxy', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ tenants: ALLOWED, trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
  });
  afterAll(() => gateway.close());

  it.each([
    ['the platform', PLATFORM],
    ['the platform over IPv6', '2001:db8::7'],
    ['the platform in IPv6 form', `::ffff:${PLATFORM}`],
    ['the platform through another trusted proxy', `${PLATFORM}, 10.1.2.3`],
    ['the platform that says where else it comes from', `${STRANGER}, ${PLATFORM}`],
  ])('a notification is accepted from %s', async (_, forwardedFor) => {
    await expect(statusFrom(gateway, forwardedFor)).resolves.toBe(202);
  });

  it.each([
    ['a stranger', STRANGER],
    ['a stranger who claims to be the platform', `${PLATFORM}, ${STRANGER}`],
    ['a stranger behind a trusted proxy who claims to be the platform', `${PLATFORM}, ${STRANGER}, 10.1.2.3`],
    ['the proxy itself', undefined],
    ['nobody knows where', 'unknown'],
    ['an address with a port', `${PLATFORM}:4711`],
    ['text', `${PLATFORM} <script>`],
  ])('a notification from %s gets the same answer as a wrong secret', async (_, forwardedFor) => {
    await expect(statusFrom(gateway, forwardedFor)).resolves.toBe(404);
  });
});

describe('without a trusted proxy', () => {
  it('the gateway does not trust X-Forwarded-For', async () => {
    const gateway = await startTestGateway({ tenants: ALLOWED });
    await expect(statusFrom(gateway, PLATFORM)).resolves.toBe(404);
    await gateway.close();
  });

  it('the gateway does not trust X-Forwarded-For from an untrusted proxy', async () => {
    const gateway = await startTestGateway({ tenants: ALLOWED, trustedProxies: ['10.0.0.0/8'] });
    await expect(statusFrom(gateway, PLATFORM)).resolves.toBe(404);
    await gateway.close();
  });

  it('the gateway uses the address of the connection', async () => {
    const tenants = { mycompany: tenant(SECRET, { allowedSources: ['127.0.0.0/8'] }) };
    const gateway = await startTestGateway({ tenants });
    await expect(statusFrom(gateway, STRANGER)).resolves.toBe(202);
    await gateway.close();
  });

  it('any source may send if no source is configured', async () => {
    const gateway = await startTestGateway({ tenants: { mycompany: tenant(SECRET) } });
    await expect(statusFrom(gateway)).resolves.toBe(202);
    await gateway.close();
  });
});

describe('two tenants with sources of their own', () => {
  it('each accept notifications only from their own sources', async () => {
    const other = 'secret-of-othercompany-0';
    const gateway = await startTestGateway({
      trustedProxies: ['127.0.0.1'],
      tenants: { ...ALLOWED, other: tenant(other, { allowedSources: ['198.51.100.0/24'] }) },
    });
    const status = async (secret: string, from: string) =>
      (await gateway.post(notification(), `/callbacks/flexperto/${secret}`, { 'x-forwarded-for': from }))
        .status;
    await expect(status(SECRET, PLATFORM)).resolves.toBe(202);
    await expect(status(other, '198.51.100.1')).resolves.toBe(202);
    await expect(status(SECRET, '198.51.100.1')).resolves.toBe(404);
    await expect(status(other, PLATFORM)).resolves.toBe(404);
    expect(gateway.taken.map(({ tenant: owner }) => owner)).toEqual(['mycompany', 'other']);
    await gateway.close();
  });
});
