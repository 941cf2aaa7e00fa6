import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { parseConfig } from '../../src/config/load-config';
import { createPlatform, type Platform } from '../../src/platform/create-platform';
import { selfSigned } from '../support/self-signed';
import { startEgressProxy, type EgressProxy } from './egress-proxy';
import { API_KEY, KEY, rejection, sendAbandon, untouched } from './hostile-platform';

const PASSWORD = 'MARKER-p@ss:w%rd';
const RECORD = { archiveId: 'a1', conferenceId: 'c1', status: 'AVAILABLE' };
/** Names that no DNS has: only the proxy knows where they lead. */
const [HOME, FILES] = ['platform.bank.invalid', 'files.bank.invalid'];

const atHome = selfSigned(HOME);
const atFiles = selfSigned(FILES);
const proxysOwn = selfSigned('proxy');
const client = selfSigned('the bank');
const CA = `${atHome.cert}${atFiles.cert}${proxysOwn.cert}`;

describe('behind an egress proxy', () => {
  let server: Server;
  let proxy: EgressProxy;
  let encrypted: EgressProxy;
  const seen: { host: string; key: unknown; proxyKey: unknown; client: string | undefined }[] = [];
  const shown = new Map<unknown, string>();
  const clients: Platform[] = [];

  beforeAll(async () => {
    server = createServer({ ...atHome, ca: client.cert, requestCert: true, rejectUnauthorized: false });
    server.addContext(FILES, { ...atFiles, ca: client.cert });
    server.on('secureConnection', (socket) => {
      const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
      shown.set(socket, String(subject?.CN));
    });
    server.on('request', (request, response) => {
      seen.push({
        host: request.headers.host ?? '',
        key: request.headers['api-key'],
        proxyKey: request.headers['proxy-authorization'],
        client: shown.get(request.socket),
      });
      if (request.url?.endsWith('/download'))
        response.writeHead(302, { location: `https://${FILES}:8443/file` }).end();
      else if (request.url === '/file') response.end('the file');
      else if (request.url?.endsWith('/conferences/archives')) response.end(JSON.stringify([RECORD]));
      else if (request.url?.endsWith('/webhook')) response.end(JSON.stringify({ subscriptionId: 's1' }));
      else response.end(JSON.stringify(RECORD));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    proxy = await startEgressProxy(PASSWORD, port);
    encrypted = await startEgressProxy(PASSWORD, port, proxysOwn);
  });
  afterAll(async () => {
    await Promise.all(clients.map((platform) => platform.close()));
    await Promise.all([proxy.close(), encrypted.close()]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    seen.length = 0;
    proxy.asked.length = 0;
    proxy.refuse = undefined;
  });

  const address = (to = proxy, password = PASSWORD, scheme = 'http') =>
    `${scheme}://user:${encodeURIComponent(password)}@127.0.0.1:${to.port}`;
  function platform(keys: object, env: Record<string, string> = {}): Platform {
    const tenant = { baseUrl: `https://${HOME}`, apiKey: API_KEY, ca: CA, ...keys };
    const text = JSON.stringify({ tenants: { mycompany: tenant } });
    const { tenants } = parseConfig(text, '/srv/archivist.yaml', env);
    clients.push(createPlatform(tenants.get(KEY.tenant)!));
    return clients.at(-1)!;
  }
  async function refusal(keys: object, env: Record<string, string> = {}): Promise<string> {
    const error = await rejection(platform(keys, env).fetchRecord(KEY, untouched()));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).not.toContain('MARKER');
    return String(error);
  }

  it('a platform cannot be reached without the proxy', async () => {
    expect(await refusal({})).toContain('(ENOTFOUND)');
  });

  it.each([
    ['the tenant', () => platform({ proxy: address() })],
    ['https_proxy', () => platform({}, { https_proxy: address() })],
    ['HTTPS_PROXY', () => platform({}, { HTTPS_PROXY: address(), NO_PROXY: 'bank.example' })],
    ['ALL_PROXY', () => platform({}, { ALL_PROXY: address().replace('http://', '') })],
  ])('every request uses the proxy that %s names', async (_, create) => {
    const through = create();
    expect(await through.fetchRecord(KEY, untouched())).toMatchObject({ status: 'AVAILABLE' });
    const { body } = await through.download(KEY, { from: 0 }, untouched());
    expect(String(Buffer.concat(await body.toArray()))).toBe('the file');
    const listed = [];
    for await (const each of through.list(untouched())) listed.push(each);
    expect(listed).toMatchObject([{ archiveId: 'a1' }]);
    expect(await sendAbandon(through)).toEqual({ outcome: 'open' });
    expect(await through.register('https://hooks.example.com/x', untouched())).toBe('s1');
    expect(new Set(proxy.asked)).toEqual(new Set([`${HOME}:443`, `${FILES}:8443`]));
    expect(seen.map(({ host, key }) => [host, key])).toEqual([
      [HOME, API_KEY],
      [HOME, API_KEY],
      [`${FILES}:8443`, undefined],
      [HOME, API_KEY],
      [HOME, API_KEY],
      [HOME, API_KEY],
    ]);
    expect(seen.map(({ proxyKey }) => proxyKey).filter(Boolean)).toEqual([]);
  });

  it('requests use a proxy that speaks TLS itself', async () => {
    const through = platform({ proxy: address(encrypted, PASSWORD, 'https') });
    expect(await through.fetchRecord(KEY, untouched())).toMatchObject({ status: 'AVAILABLE' });
    expect(encrypted.asked).toEqual([`${HOME}:443`]);
  });

  it('the client sends its certificate to the platform, but not to the target of a redirect', async () => {
    const clientCertificate = { certificate: client.cert, key: client.key };
    const through = platform({ proxy: address(), clientCertificate });
    const { body } = await through.download(KEY, { from: 0 }, untouched());
    await body.toArray();
    expect(await sendAbandon(through)).toEqual({ outcome: 'open' });
    expect(seen.map(({ host, client: who }) => [host, who])).toEqual([
      [HOME, 'the bank'],
      [`${FILES}:8443`, 'undefined'],
      [HOME, 'the bank'],
    ]);
  });

  it.each([
    ['the tenant wants none', { proxy: 'none' }, {}],
    ['NO_PROXY has the host', {}, { NO_PROXY: `a.example, .${HOME}` }],
  ])('no proxy is used if %s', async (_, keys, env) => {
    expect(await refusal(keys, { HTTPS_PROXY: address(), ...env })).toContain('(ENOTFOUND)');
    expect(proxy.asked).toEqual([]);
  });

  it('the error names a proxy that refuses the password, but not the password', async () => {
    const problem = `The platform could not be reached (407 at the proxy 127.0.0.1:${proxy.port})`;
    expect(await refusal({ proxy: address(proxy, 'MARKER-wrong') })).toContain(problem);
    expect(await refusal({}, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })).toContain(problem);
    const error = await rejection(sendAbandon(platform({ proxy: address(proxy, 'MARKER-wrong') })));
    expect(error).toMatchObject({ type: 'PlatformUnavailable' });
    expect(String(error)).toContain(problem);
    expect(seen).toEqual([]);
  });

  it.each([
    ['403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nMARKER'],
    ['502', 'HTTP/1.1 502 Bad Gateway\r\n\r\n'],
    ['302', 'HTTP/1.1 302 Found\r\nLocation: https://login.example/MARKER\r\n\r\n'],
    ['HPE_INVALID_CONSTANT', 'SSH-2.0-MARKER\r\n\r\n'],
    ['ECONNRESET', ''],
  ])('the error names a proxy that answers %s instead of opening a tunnel', async (what, answer) => {
    proxy.refuse = (socket) => socket.end(answer);
    expect(await refusal({ proxy: address() })).toContain(`(${what} at the proxy 127.0.0.1:${proxy.port})`);
  });

  it('a proxy that opens a tunnel and closes it again is reported as an unavailable platform', async () => {
    proxy.refuse = (socket) => socket.end('HTTP/1.1 200 Connection established\r\n\r\n');
    expect(await refusal({ proxy: address() })).toContain('(ECONNRESET)');
  });

  it('the error names a proxy that cannot be reached', async () => {
    const gone = await startEgressProxy(PASSWORD, 0);
    await gone.close();
    const where = `127.0.0.1:${gone.port}`;
    expect(await refusal({ proxy: address(gone) })).toContain(`(ECONNREFUSED at the proxy ${where})`);
    const named = await refusal({ proxy: 'http://proxy.bank.invalid:3128' });
    expect(named).toContain('(ENOTFOUND at the proxy proxy.bank.invalid:3128)');
  });

  it('a platform whose certificate authority is unknown is refused', async () => {
    expect(await refusal({ proxy: address(), ca: atFiles.cert })).toMatch(/\(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(seen).toEqual([]);
  });

  it('a platform whose certificate belongs to another host is refused', async () => {
    const other = { baseUrl: 'https://other.bank.invalid' };
    expect(await refusal({ proxy: address(), ...other })).toContain('(ERR_TLS_CERT_ALTNAME_INVALID)');
  });

  it('a platform on this machine is contacted without the proxy', async () => {
    const env = { HTTPS_PROXY: address(), ALL_PROXY: 'socks5://proxy.bank.invalid:1080' };
    const { port } = server.address() as AddressInfo;
    const near = platform({ baseUrl: `https://127.0.0.1:${port}` }, env);
    expect(await near.fetchRecord(KEY, untouched())).toMatchObject({ status: 'AVAILABLE' });
    expect(proxy.asked).toEqual([]);
  });
});
