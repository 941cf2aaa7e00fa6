import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load-config';
import { pages, ROOT } from './pages';

const TENANT = '{ baseUrl: https://a.example.com, apiKey: k }';

it('the documentation explains every key of the configuration', () => {
  const config = parseConfig(`{ tenants: { a: ${TENANT} }, metrics: {} }`, 'archivist.yaml', {});
  const tenant = [...config.tenants.values()][0];
  const keys = [...keysOf(config), ...Object.keys(tenant ?? {}).map((key) => `tenants.*.${key}`)];
  const operations = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
  for (const key of keys) expect(operations).toContain(`\`${key}\``);
});

describe('the configuration in the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archivist-docs-'));
  const readme = pages().find(({ path }) => path === 'README.md')?.text ?? '';
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is valid', () => {
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets', 'api-key'), 'key\n');
    writeFileSync(join(folder, 'secrets', 'callback'), `${'ab'.repeat(32)}\n`);
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readme) ?? [];
    const { claim, tenants } = parseConfig(yaml, join(folder, 'archivist.yaml'), {});
    expect([...tenants.keys()]).toEqual(['mycompany']);
    expect(claim.abandon).toBe(false);
  });

  it('is ignored by git, and so are the folders that it names', () => {
    const folders = [...readme.matchAll(/file:\.\/(\w+)\//g)].map(([, name]) => name);
    const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');
    expect(new Set(folders)).toEqual(new Set(['secrets', 'data']));
    expect(ignored).toEqual(expect.arrayContaining(['/archivist.yaml', '/secrets/', 'data/']));
  });
});

/** The names of what can be set, down to the last: `claim.poll.max`. */
function keysOf(value: object, above = ''): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const name = `${above}${key}`;
    const isGroup = typeof inner === 'object' && inner !== null && inner.constructor === Object;
    return isGroup && name !== 'ledger' ? keysOf(inner, `${name}.`) : [name];
  });
}
