import { createAddressFilter, isLoopback } from '../../src/config/web-address';
import { problemsOf, read, SMALLEST, tenantOf, withTenant } from './sample';

describe.each([
  ['baseUrl', (url: unknown) => withTenant({ baseUrl: url })],
  ['publicUrl', (url: unknown) => ({ ...SMALLEST, gateway: { publicUrl: url } })],
])('%s', (key, write) => {
  const readBack = (url: string) => {
    const config = read(write(url));
    return key === 'baseUrl' ? tenantOf(config).baseUrl : config.gateway.publicUrl;
  };

  it.each([
    ['https://mycompany.live.flexperto.com', 'https://mycompany.live.flexperto.com'],
    ['https://mycompany.live.flexperto.com/', 'https://mycompany.live.flexperto.com'],
    ['https://example.com:8443/flexperto//', 'https://example.com:8443/flexperto'],
    ['HTTPS://EXAMPLE.COM', 'https://example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('parses %s as %s', (url, taken) => {
    expect(readBack(url)).toBe(taken);
  });

  it.each([
    'http://example.com',
    'http://10.0.0.1',
    'http://128.0.0.1',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://example.com/localhost',
    'http://0.0.0.0',
    'http://[::2]',
  ])('refuses http for a host that is not loopback: %s', (url) => {
    const [problem] = problemsOf(write(url));
    expect(problem).toMatch(/: expected https; http is taken for loopback hosts only$/);
  });

  it.each([
    'https://a:b@example.com',
    'https://a@example.com',
    'https://example.com?a=b',
    'https://example.com#a',
  ])('refuses credentials, query and fragment: %s', (url) => {
    expect(problemsOf(write(url))[0]).toMatch(/without credentials, query or fragment$/);
  });

  it.each(['example.com', 'ftp://example.com', 'https://', '//example.com', '', 'file:///etc', 7, null])(
    'refuses %p, which is not a web URL',
    (url) => {
      expect(problemsOf(write(url))[0]).toMatch(/expected an https URL/);
    },
  );
});

describe('a loopback host', () => {
  it.each(['localhost', '127.0.0.1', '127.255.0.9', '[::1]'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['127.0.0.1.nip.io', 'localhost.evil', '0.0.0.0', '192.168.0.1', '[::]', ''])(
    'is not %p',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('a range of addresses', () => {
  it.each(['192.0.2.1', '192.0.2.0/24', '0.0.0.0/0', '2001:db8::1', '2001:db8::/32', '::/0', '10.0.0.1/32'])(
    'may be %s',
    (range) => {
      const written = { ...withTenant({ allowedSources: [range] }), gateway: { trustedProxies: [range] } };
      expect(problemsOf(written)).toEqual([]);
    },
  );

  it.each([
    '192.0.2.256',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/-1',
    '192.0.2.0/1/2',
    '192.0.2.0/255.255.255.0',
    '2001:db8::/129',
    'example.com',
    '192.0.2',
    '',
    '*',
    '/8',
  ])('may not be %p', (range) => {
    expect(problemsOf(withTenant({ allowedSources: [range] }))).toHaveLength(1);
    expect(problemsOf({ ...SMALLEST, gateway: { trustedProxies: [range] } })).toHaveLength(1);
  });
});

describe('the filter of addresses', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.0'],
    ['192.0.2.0/24', '192.0.2.255'],
    ['192.0.2.77/24', '192.0.2.3'],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.0/24', '::ffff:192.0.2.9'],
    ['192.0.2.0/24', '::FFFF:192.0.2.9'],
    ['192.0.2.0/24', '::ffff:c000:209'],
    ['::ffff:192.0.2.0/120', '192.0.2.9'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['2001:db8::/32', '2001:0DB8:0:0::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['::/0', '2001:db8::1'],
  ])('%s accepts %s', (range, address) => {
    expect(createAddressFilter([range])(address)).toBe(true);
  });

  it.each([
    ['192.0.2.0/24', '192.0.3.0'],
    ['192.0.2.7', '192.0.2.8'],
    ['192.0.2.0/24', '::ffff:192.0.3.9'],
    ['192.0.2.0/24', '2001:db8::1'],
    ['192.0.2.0/24', '::c000:209'],
    ['2001:db8::/32', '2001:db9::1'],
    ['2001:db8::/32', '192.0.2.9'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['0.0.0.0/0', 'unknown'],
    ['0.0.0.0/0', '192.0.2.9:4711'],
    ['::/0', ''],
    ['::/0', '::ffff:garbage'],
  ])('%s rejects %p', (range, address) => {
    expect(createAddressFilter([range])(address)).toBe(false);
  });

  it('accepts an address in any of its ranges', () => {
    const isIn = createAddressFilter(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32']);
    expect(['192.0.2.1', '198.51.100.7', '2001:db8::9'].map(isIn)).toEqual([true, true, true]);
    expect(['192.0.3.1', '198.51.100.8', '2001:db7::9'].map(isIn)).toEqual([false, false, false]);
  });

  it('accepts nobody without a range', () => {
    expect(createAddressFilter([])('127.0.0.1')).toBe(false);
  });
});
