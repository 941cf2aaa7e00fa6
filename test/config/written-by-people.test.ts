import { problemsOf, read, tenantOf, withTenant } from './sample';

const KEYS = 'baseUrl: https://x.live.flexperto.com, apiKey: k';

it.each(['0123', '1e3', '0x10', '0b11', '1_000', '12', 'true', 'null', '2024-01-01', '"0123"'])(
  'a tenant has exactly the written name: %s',
  (name) => {
    const config = read(`tenants: {${name}: {${KEYS}}}`);
    expect([...config.tenants.keys()]).toEqual([name.replaceAll('"', '')]);
  },
);

it('a name with and without quotes is the same name, and refused as a duplicate', () => {
  expect(problemsOf(`tenants:\n  0123: {${KEYS}}\n  '0123': {${KEYS}}`)).toEqual([
    'line 3: not valid YAML (DUPLICATE_KEY)',
  ]);
});

describe('a merge key', () => {
  it('adds only the keys that are not written', () => {
    const config = read(`tenants:
  one: &one {${KEYS}, apiPrefix: /api/v1}
  two: {<<: *one, apiKey: other}
  three: {<<: [*one, {topic: communciation.archives.archive.available}]}`);
    expect([...config.tenants.values()].map(({ apiPrefix }) => apiPrefix)).toEqual(Array(3).fill('/api/v1'));
    expect([...config.tenants.values()].map(({ apiKey }) => apiKey.reveal())).toEqual(['k', 'other', 'k']);
  });

  it.each(['<<: 5', '<<: [a]', '<<: text'])(
    'with another value is refused with the expected syntax: %s',
    (written) => {
      expect(problemsOf(`tenants: {t: {${KEYS}, ${written}}}`)).toEqual([
        'a merge key (`<<`) has something else than keys with values; expected an alias of some, `<<: *name`',
      ]);
    },
  );
});

it.each([
  ['https://x.live.flexperto.com/api/v2', {}, 'https://x.live.flexperto.com'],
  ['https://x.live.flexperto.com/api/v2/', {}, 'https://x.live.flexperto.com'],
  ['https://proxy.example/flexperto/api/v2', {}, 'https://proxy.example/flexperto'],
  ['https://x.live.flexperto.com/api/v1', { apiPrefix: '/api/v1' }, 'https://x.live.flexperto.com'],
  ['https://x.live.flexperto.com/api/v2', { apiPrefix: '' }, 'https://x.live.flexperto.com/api/v2'],
  ['https://x.live.flexperto.com/my-api/v2', {}, 'https://x.live.flexperto.com/my-api/v2'],
])('a baseUrl may end with the prefix, which is not repeated: %s %j', (baseUrl, keys, expected) => {
  expect(tenantOf(read(withTenant({ baseUrl, ...keys }))).baseUrl).toBe(expected);
});

it.each([
  ['/api/v2/communication/archives', {}, '/communication/archives'],
  ['/api/v1/archives', { apiPrefix: '/api/v1' }, '/archives'],
  ['/api/v1/archives', {}, '/api/v1/archives'],
  ['/api/v2x/archives', {}, '/api/v2x/archives'],
  ['/api/v2/archives', { apiPrefix: '' }, '/api/v2/archives'],
  // The guide's own path, on a platform with an odd prefix.
  [
    '/communication/conferences/archives',
    { apiPrefix: '/communication' },
    '/communication/conferences/archives',
  ],
])('an endpoint may begin with the prefix, which is not repeated: %s %j', (list, keys, expected) => {
  expect(tenantOf(read(withTenant({ endpoints: { list }, ...keys }))).endpoints.list).toBe(expected);
});
