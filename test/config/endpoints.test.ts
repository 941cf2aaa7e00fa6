import { ENDPOINTS } from '../../src/config/tenant-schema';
import { problemsOf, read, tenantOf, withTenant } from './sample';

describe('the endpoints', () => {
  it('default to those of the published guide', () => {
    expect(tenantOf(read(withTenant({}))).endpoints).toEqual({
      list: '/communication/conferences/archives',
      record: '/communication/archives/archives/{archiveId}',
      download: '/communication/archives/archives/{archiveId}/download',
      abandon: '/communication/conferences/conferences/{conferenceId}/archive/abandon',
      register: '/communication/notificationssubscriptions/notificationssubscriptions/webhook',
      reports: '/communication/subscriptions/subscriptions/{subscriptionId}/reports',
      subscriptions: '/communication/subscriptions/subscriptions',
      subscription: '/communication/subscriptions/subscriptions/{subscriptionId}',
    });
  });

  it.each([
    ['list', '/communication/archives/archives'],
    ['abandon', '/communication/archives/archives/{archiveId}/abandon'],
    ['register', '/communication/subscriptions/subscriptions/webhook'],
    ['record', '/r/{archiveId}.json'],
    ['download', '/x/{archiveId}/{archiveId}'],
  ] as const)('may be those of another version of the guide: %s at %s', (name, path) => {
    const { endpoints } = tenantOf(read(withTenant({ endpoints: { [name]: path } })));
    expect(endpoints[name]).toBe(path);
    expect(Object.keys(endpoints)).toEqual(expect.arrayContaining(Object.keys(ENDPOINTS)));
  });

  it.each([
    ['without a variable, so that all archives would be one', 'record', '/archives'],
    ['with a variable of another endpoint', 'record', '/archives/{conferenceId}'],
    ['with a variable that nobody knows', 'download', '/archives/{archiveId}/{user}'],
    ['with a misspelled variable', 'abandon', '/conferences/{conferenceid}/abandon'],
    ['with a variable where there is none', 'list', '/archives/{archiveId}'],
    ['with a brace that is not closed', 'download', '/archives/{archiveId}/{download'],
    ['with a brace that is not opened', 'list', '/archives}'],
    ['with braces in braces', 'record', '/archives/{{archiveId}}'],
    ['without a slash at its start', 'list', 'archives'],
    ['that is a whole URL', 'list', 'https://example.com/archives'],
    ['with a query', 'record', '/archives?id={archiveId}'],
    ['with a fragment', 'record', '/archives#{archiveId}'],
    ['with a space', 'list', '/all archives'],
    ['with a line break', 'list', '/archives\n'],
    ['that is empty', 'list', ''],
  ] as const)('are refused %s', (_, name, path) => {
    const problems = problemsOf(withTenant({ endpoints: { [name]: path } }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`\`tenants.mycompany.endpoints.${name}\``);
    expect(problems[0]).toContain('expected a path that starts with / and holds');
    expect(problems[0]).toContain(ENDPOINTS[name]);
  });
});

describe('the prefix of the endpoints', () => {
  it.each(['', '/api', '/api/v2', '/a-b_c~d/v1.0'])('may be %p', (apiPrefix) => {
    expect(tenantOf(read(withTenant({ apiPrefix }))).apiPrefix).toBe(apiPrefix);
  });
  it.each(['/', '/api/', 'api', '/a b', '/a?b', '/a#b', '//evil.example.com', '/a\n'])(
    'may not be %p',
    (apiPrefix) => {
      expect(problemsOf(withTenant({ apiPrefix }))).toHaveLength(1);
    },
  );
});
