import { isExempt, type Proxy } from '../../src/config/proxy';
import { problemsOf, read, SMALLEST, tenantOf, withTenant } from './sample';

const originIn = (env: Readonly<Record<string, string>>, keys: object = {}) =>
  tenantOf(read(withTenant(keys), env)).proxy?.origin;

describe('the proxy of a tenant', () => {
  it.each([
    ['http://proxy.example:3128', 'http://proxy.example:3128'],
    ['https://proxy.example:8443/', 'https://proxy.example:8443'],
    ['HTTP://user:p%40ss@Proxy.example:3128', 'http://proxy.example:3128'],
    ['proxy.example:3128', 'http://proxy.example:3128'],
    ['http://[2001:db8::1]:3128', 'http://[2001:db8::1]:3128'],
    ['none', undefined],
  ])('may be %s, whatever the environment says', (proxy, origin) => {
    expect(originIn({ HTTPS_PROXY: 'http://other.example:1' }, { proxy })).toBe(origin);
  });

  it.each([
    'socks5://proxy.example:1080',
    'http://proxy.example:3128/path',
    'http://proxy.example:3128?x=1',
    'http://proxy.example:port',
    'http://user:100%@proxy.example:3128',
    'http://',
    'not a proxy',
  ])('is refused if it is %s', (proxy) => {
    expect(problemsOf(withTenant({ proxy }))).toEqual([
      expect.stringMatching(/^`tenants\.mycompany\.proxy`: expected `none`, `http:\/\/HOST:PORT` or /),
    ]);
  });

  it.each([
    [{}, undefined],
    [{ HTTPS_PROXY: 'http://a.example:1', https_proxy: 'http://b.example:2' }, 'http://b.example:2'],
    [{ HTTPS_PROXY: 'http://a.example:1', https_proxy: '' }, undefined],
    [{ ALL_PROXY: 'http://a.example:1' }, 'http://a.example:1'],
    [{ all_proxy: 'http://a.example:1', HTTPS_PROXY: ' http://b.example:2 ' }, 'http://b.example:2'],
    [{ HTTP_PROXY: 'http://a.example:1', http_proxy: 'http://a.example:1' }, undefined],
  ])('comes from the environment if the tenant has none: %j', (env, origin) => {
    expect(originIn(env)).toBe(origin);
  });

  it('is refused if the environment names an unusable one, unless no request would use it', () => {
    const env = { ALL_PROXY: 'socks5://user:MARKER@proxy.example:1080' };
    const [problem] = problemsOf(SMALLEST, env);
    expect(problem).toMatch(
      /^`tenants\.mycompany\.proxy`: the environment variable ALL_PROXY names no proxy/,
    );
    expect(problem).toContain('`proxy: none`');
    expect(problem).not.toContain('MARKER');
    expect(originIn(env, { proxy: 'none' })).toBeUndefined();
    expect(originIn(env, { baseUrl: 'http://localhost:3000' })).toBeUndefined();
  });
});

describe('NO_PROXY', () => {
  const PROXY = { HTTPS_PROXY: 'http://proxy.example:3128' };
  function isDirect(list: string, host: string, port = '443', variable = 'NO_PROXY'): boolean {
    const proxy: Proxy | undefined = tenantOf(read(SMALLEST, { ...PROXY, [variable]: list })).proxy;
    return isExempt(proxy!, host, port);
  }

  it.each([
    ['*', 'platform.example'],
    ['platform.example', 'platform.example'],
    ['PLATFORM.example.', 'platform.example'],
    ['example', 'platform.example'],
    ['.example', 'platform.example'],
    ['*.example', 'platform.example'],
    ['a.example, platform.example', 'Platform.Example.'],
    ['a.example platform.example', 'platform.example'],
    ['platform.example:443', 'platform.example'],
    ['10.0.0.0/8', '10.1.2.3'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.0.0.0/8:443', '10.1.2.3'],
    ['fd00::/8', 'fd00::1'],
    ['fd00::1', 'fd00::1'],
    ['[fd00::1]:443', 'fd00::1'],
    ['10.0.0.0/8', '::ffff:10.1.2.3'],
  ])('%s includes %s', (list, host) => {
    expect(isDirect(list, host)).toBe(true);
    expect(isDirect(list, host, '443', 'no_proxy')).toBe(true);
  });

  it.each([
    ['', 'platform.example'],
    ['.', 'platform.example'],
    ['latform.example', 'platform.example'],
    ['platform.example', 'example'],
    ['platform.example', 'platform.example.evil.example'],
    ['platform.example:8443', 'platform.example'],
    ['*:8443', 'platform.example'],
    ['10.0.0.0/8', '11.1.2.3'],
    ['10.0.0.0/8', '10.example'],
    ['10.0.0.0/99', '10.0.0.1'],
    ['[fd00::1]:8443', 'fd00::1'],
  ])('%p does not include %s', (list, host) => {
    expect(isDirect(list, host)).toBe(false);
  });

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'needs no entry for this machine: %s',
    (host) => expect(isDirect('', host)).toBe(true),
  );

  it('does not apply to the proxy that the tenant names', () => {
    const { proxy } = tenantOf(read(withTenant({ proxy: 'http://a.example:1' }), { NO_PROXY: '*' }));
    expect(isExempt(proxy!, 'platform.example', '443')).toBe(false);
  });
});
