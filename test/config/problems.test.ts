import { ConfigError } from '../../src/config/load-config';
import { FOLDER, problemsOf, read, SECRET, SMALLEST, withTenant } from './sample';

describe('an unknown key is refused and named', () => {
  it.each([
    ['`tenant`', { ...SMALLEST, tenant: {} }],
    ['`gateway.prot`', { ...SMALLEST, gateway: { prot: 80 } }],
    ['`metrics.path`', { ...SMALLEST, metrics: { path: '/' } }],
    ['`claim.deadlin`', { ...SMALLEST, claim: { deadlin: '1 day' } }],
    ['`claim.poll.min`', { ...SMALLEST, claim: { poll: { min: '1 day' } } }],
    ['`expiry.after`', { ...SMALLEST, expiry: { after: '1 day' } }],
    ['`reconcile.evry`', { ...SMALLEST, reconcile: { evry: '1 day' } }],
    ['`tenants.mycompany.apikey`', withTenant({ apikey: 'x' })],
    ['`tenants.mycompany.endpoints.downlaod`', withTenant({ endpoints: { downlaod: '/x' } })],
  ])('%s', (key, written) => {
    expect(problemsOf(written)).toEqual([`${key}: there is no such key; remove it or correct its spelling`]);
  });
});

it.each([1, 4])('`claim.connections` is refused with the reason for its removal (%i)', (connections) => {
  expect(problemsOf({ ...SMALLEST, claim: { connections } })).toEqual([
    expect.stringMatching(/^`claim\.connections`: parallel connections were removed; .*; remove the key$/),
  ]);
});

/** What is written, the key that must be named, what was wrong, and what would be right. */
const PROBLEMS: readonly (readonly [string, unknown, string, RegExp, RegExp])[] = [
  ['no text at all', '', 'tenants', /is missing/, /at least one tenant/],
  ['no tenants', {}, 'tenants', /is missing/, /at least one tenant/],
  ['tenants without a tenant', { tenants: {} }, 'tenants', /at least one/, /tenant, by name/],
  ['tenants as a list', { tenants: [] }, 'tenants', /is a list/, /by name/],
  [
    'an impossible tenant',
    { tenants: { 'a/b': SMALLEST.tenants.mycompany } },
    'tenants.a/b',
    /name/,
    /1 to 63 letters/,
  ],
  ['a tenant without keys', 'tenants: {mycompany: }', 'tenants.mycompany', /is empty/, /keys with values/],
  ['no baseUrl', { tenants: { t: { apiKey: 'k' } } }, 'tenants.t.baseUrl', /is missing/, /an https URL/],
  ['no apiKey', { tenants: { t: { baseUrl: 'https://x' } } }, 'tenants.t.apiKey', /is missing/, /env:NAME/],
  ['a number as apiKey', withTenant({ apiKey: 12 }), 'tenants.mycompany.apiKey', /is a number/, /file:PATH/],
  ['a space in apiKey', withTenant({ apiKey: 'a b' }), 'tenants.mycompany.apiKey', /space/, /visible ASCII/],
  [
    'an impossible prefix',
    withTenant({ apiPrefix: 'api' }),
    'tenants.mycompany.apiPrefix',
    /a path/,
    /\/api\/v2/,
  ],
  [
    'one callback secret, not a list',
    withTenant({ callbackSecrets: SECRET }),
    'tenants.mycompany.callbackSecrets',
    /is text/,
    /a list/,
  ],
  [
    'a short callback secret',
    withTenant({ callbackSecrets: ['short'] }),
    'tenants.mycompany.callbackSecrets.0',
    /20 to 200/,
    /openssl rand/,
  ],
  [
    'a callback secret that is no segment',
    withTenant({ callbackSecrets: ['a/'.repeat(20)] }),
    'tenants.mycompany.callbackSecrets.0',
    /letters/,
    /openssl rand/,
  ],
  [
    'an impossible source',
    withTenant({ allowedSources: ['10.0.0.0/33'] }),
    'tenants.mycompany.allowedSources.0',
    /CIDR/,
    /192\.0\.2\.0\/24/,
  ],
  ['a port as text', { ...SMALLEST, gateway: { port: '80' } }, 'gateway.port', /is text/, /from 0 to 65535/],
  ['a port too large', { ...SMALLEST, gateway: { port: 65_536 } }, 'gateway.port', /port/, /from 0 to 65535/],
  ['a negative port', { ...SMALLEST, metrics: { port: -1 } }, 'metrics.port', /port/, /from 0 to 65535/],
  ['half a port', { ...SMALLEST, gateway: { port: 80.5 } }, 'gateway.port', /number/, /from 0 to 65535/],
  ['an empty host', { ...SMALLEST, gateway: { host: '' } }, 'gateway.host', /host name or address/, /listen/],
  ['a host that is a number', { ...SMALLEST, gateway: { host: 7 } }, 'gateway.host', /is a number/, /text/],
  [
    'an impossible proxy',
    { ...SMALLEST, gateway: { trustedProxies: ['all'] } },
    'gateway.trustedProxies.0',
    /IP address/,
    /192\.0\.2\.0\/24/,
  ],
  [
    'proxies that are no list',
    { ...SMALLEST, gateway: { trustedProxies: 'all' } },
    'gateway.trustedProxies',
    /is text/,
    /a list/,
  ],
  ['a store of another kind', { ...SMALLEST, store: 'ftp://x' }, 'store', /expected/, /file:DIRECTORY/],
  ['a store without a place', { ...SMALLEST, store: 'file:' }, 'store', /expected/, /file:DIRECTORY/],
  [
    'a ledger of another kind',
    { ...SMALLEST, ledger: 'mysql://x' },
    'ledger',
    /expected/,
    /postgres:.*embedded:DIRECTORY/,
  ],
  [
    'a duration without a unit',
    { ...SMALLEST, claim: { deadline: '7' } },
    'claim.deadline',
    /a duration/,
    /7 days/,
  ],
  [
    'a duration as a number',
    { ...SMALLEST, claim: { deadline: 7 } },
    'claim.deadline',
    /is a number/,
    /7 days/,
  ],
  [
    'no truth value',
    { ...SMALLEST, claim: { abandon: 'no' } },
    'claim.abandon',
    /is text/,
    /`true` or `false`/,
  ],
  [
    'a first poll after the longest',
    { ...SMALLEST, claim: { poll: { initial: '1 h', max: '1 m' } } },
    'claim.poll',
    /`initial`/,
    /no longer than `max`/,
  ],
  [
    'a recheck after the expiry',
    { ...SMALLEST, expiry: { period: '2 days', recheck: '2 days' } },
    'expiry',
    /`recheck`/,
    /shorter than `period`/,
  ],
  ['a group that is text', { ...SMALLEST, claim: 'fast' }, 'claim', /is text/, /keys with values/],
];

describe('a problem names the key, the error and the expected value', () => {
  it.each(PROBLEMS)('%s', (_, written, key, wrong, right) => {
    const problems = problemsOf(written);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^\`${key}\`: `));
    expect(problems[0]).toMatch(wrong);
    expect(problems[0]).toMatch(right);
  });

  it('the whole is not a group of keys', () => {
    expect(problemsOf('just text')).toEqual(['the whole: is text; expected keys with values']);
  });
});

describe('the error about a configuration', () => {
  it('names all problems at once, and the file', () => {
    const written = {
      tenants: { t: { baseUrl: 'http://example.com', apiKey: 'env:NOWHERE' } },
      gateway: { port: 'x', extra: 1 },
      claim: { deadline: 'soon' },
    };
    const refusal = () => read(written);
    expect(refusal).toThrow(ConfigError);
    expect(refusal).toThrow(`The configuration ${FOLDER}/archivist.yaml cannot be used:\n  - `);
    const keys = problemsOf(written).map((problem) => /^`(.*?)`/.exec(problem)?.[1]);
    expect(keys.sort()).toEqual([
      'claim.deadline',
      'gateway.extra',
      'gateway.port',
      'tenants.t.apiKey',
      'tenants.t.baseUrl',
    ]);
  });
});

describe('a callback secret', () => {
  const tenant = (...callbackSecrets: string[]) => ({ ...SMALLEST.tenants.mycompany, callbackSecrets });
  const other = 'another-secret-0000000';

  it.each([
    ['by two tenants', { one: tenant(SECRET), two: tenant(other, SECRET) }],
    ['twice by one', { one: tenant(SECRET, SECRET) }],
    ['once as itself and once indirectly', { one: tenant(SECRET), two: tenant('env:SAME') }],
  ])('is refused if it is given %s, because it must identify one tenant', (_, tenants) => {
    const problems = problemsOf({ tenants }, { SAME: SECRET });
    expect(problems).toEqual([
      '`tenants`: the same callback secret is given twice; expected one of its own for each',
    ]);
  });

  it('is accepted if each tenant has its own', () => {
    expect(problemsOf({ tenants: { one: tenant(SECRET), two: tenant(other) } })).toEqual([]);
  });
});
