import { callbackAddress, specialPurposeOf } from '../../../src/activities/subscriptions/register';
import { parseConfig } from '../../../src/config/load-config';
import { parseTenantId } from '../../../src/domain/ids';

const TENANT = parseTenantId('acme');
const PUBLIC = ['93.184.215.14', '2a00:1450:4001:812::200e'];

function settings(
  publicUrl: string | undefined,
  addresses: readonly string[],
  baseUrl = 'https://acme.live.flexperto.com',
) {
  const { tenants } = parseConfig(
    JSON.stringify({ tenants: { acme: { baseUrl, apiKey: 'k' } } }),
    '/srv/archivist.yaml',
    {},
  );
  const resolve = () => Promise.resolve(addresses);
  return { publicUrl, tenants, resolve };
}

describe('the callback address', () => {
  it('begins with the public URL if that resolves to public addresses', async () => {
    await expect(callbackAddress(settings('https://hooks.example.com/a', PUBLIC), TENANT)).resolves.toBe(
      'https://hooks.example.com/a/callbacks/flexperto',
    );
  });

  it.each([
    ['is not set', undefined, PUBLIC, /publicUrl is not set/],
    ['is http', 'http://127.0.0.1:80', PUBLIC, /not https/],
    ['does not resolve', 'https://hooks.example.com', [], /does not resolve/],
    [
      'leads to one private address of two',
      'https://hooks.example.com',
      [PUBLIC[0]!, '10.1.2.3'],
      /10\.1\.2\.3, a special-purpose address \(private\)/,
    ],
    ['leads to a private IPv6 address', 'https://hooks.example.com', [PUBLIC[0]!, 'fd00::1'], /uniqueLocal/],
  ])('is refused if the public URL %s', async (_name, publicUrl, addresses, message) => {
    await expect(callbackAddress(settings(publicUrl, addresses), TENANT)).rejects.toMatchObject({
      type: 'CallbackUrlRefused',
      message: expect.stringMatching(message) as string,
    });
  });

  it('is refused if the host does not resolve', async () => {
    const resolve = () => Promise.reject(new Error('ENOTFOUND'));
    await expect(
      callbackAddress({ ...settings('https://hooks.example.com', []), resolve }, TENANT),
    ).rejects.toMatchObject({ type: 'CallbackUrlRefused' });
  });

  it('is checked for literal addresses, too', async () => {
    const { tenants } = settings(undefined, []);
    for (const publicUrl of [
      'https://10.0.0.1',
      'https://[::1]',
      'https://[::ffff:10.0.0.1]',
      'https://0x7f.1',
    ])
      await expect(callbackAddress({ publicUrl, tenants }, TENANT)).rejects.toMatchObject({
        type: 'CallbackUrlRefused',
      });
  });

  it('may be on loopback if the platform is on loopback, and otherwise not', async () => {
    const simulator = settings('http://127.0.0.1:8080', [], 'http://127.0.0.1:9999');
    await expect(callbackAddress(simulator, TENANT)).resolves.toBe(
      'http://127.0.0.1:8080/callbacks/flexperto',
    );
    const real = settings('https://localhost', ['127.0.0.1']);
    await expect(callbackAddress(real, TENANT)).rejects.toMatchObject({ type: 'CallbackUrlRefused' });
  });
});

describe('a special-purpose address', () => {
  it.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '127.1.2.3',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.31.196.1',
    '192.52.193.1',
    '192.88.99.2',
    '192.168.1.1',
    '192.175.48.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '64:ff9b:1::1',
    '100::1',
    '100:0:0:1::1',
    '2001::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:808:808::1',
    '2620:4f:8000::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ])('is %s', (address) => {
    expect(specialPurposeOf(address)).toMatch(/^\w/);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.0.3.0',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2001:200::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700::1111',
    '2a00:1450:4001:812::200e',
    '64:ff9c::1',
  ])('is not %s', (address) => {
    expect(specialPurposeOf(address)).toBeUndefined();
  });
});
