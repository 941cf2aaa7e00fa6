import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig, parseYaml } from '../../src/config/load-config';
import { parseTenantId } from '../../src/domain/ids';
import { ENV, FOLDER, read, SAMPLE, SECRET, SMALLEST, tenantOf } from './sample';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const DEFAULTS = {
  gateway: { host: '0.0.0.0', port: 8080, trustedProxies: [] },
  store: `file:${FOLDER}/data/archives`,
  ledger: { kind: 'embedded', directory: `${FOLDER}/data/ledger` },
  claim: {
    deadline: 7 * DAY,
    poll: { initial: 10_000, max: 5 * MINUTE },
    requireChecksum: true,
    abandon: true,
    maxSize: 1024 ** 4,
  },
  expiry: { period: 3 * DAY, recheck: 2 * DAY },
  reconcile: { every: 5 * MINUTE },
};

describe('a configuration', () => {
  it('is parsed with every key in the documentation', () => {
    const config = read(SAMPLE, ENV);
    expect(config).toMatchObject({
      ...DEFAULTS,
      gateway: { ...DEFAULTS.gateway, publicUrl: 'https://hooks.example.com' },
      metrics: { host: '127.0.0.1', port: 9464 },
    });
    expect([...config.tenants.keys()]).toEqual(['mycompany']);
    const { apiKey, callbackSecrets, ...open } = tenantOf(config);
    expect(apiKey.reveal()).toBe('the-api-key');
    expect(callbackSecrets.map((secret) => secret.reveal())).toEqual([SECRET]);
    expect(open).toMatchObject({
      baseUrl: 'https://mycompany.live.flexperto.com',
      apiPrefix: '/api/v2',
      allowedSources: [],
    });
  });

  it('needs only a tenant with an address and a key', () => {
    const config = read(SMALLEST);
    expect(config).toMatchObject(DEFAULTS);
    expect(config.gateway.publicUrl).toBeUndefined();
    expect(config.metrics).toBeUndefined();
    expect(tenantOf(config)).toMatchObject({ apiPrefix: '/api/v2', callbackSecrets: [], allowedSources: [] });
  });

  it('uses defaults for omitted keys of a group', () => {
    const { claim, gateway } = read({
      ...SMALLEST,
      claim: { poll: { max: '1 hour' } },
      gateway: { port: 0 },
    });
    expect(claim).toEqual({ ...DEFAULTS.claim, poll: { initial: 10_000, max: 60 * MINUTE } });
    expect(gateway).toEqual({ ...DEFAULTS.gateway, port: 0 });
  });

  it('contains any number of tenants, by name', () => {
    const { mycompany } = SMALLEST.tenants;
    const { tenants } = read({ tenants: { mycompany, 'Other_1-x': { ...mycompany, apiKey: 'another' } } });
    expect(tenants.get(parseTenantId('Other_1-x'))?.apiKey.reveal()).toBe('another');
    expect(tenants.get(parseTenantId('mycompany'))?.apiKey.reveal()).toBe('the-api-key');
  });

  it.each([
    ['file:./archives', `file:${FOLDER}/archives`],
    ['file:archives', `file:${FOLDER}/archives`],
    ['file:../archives', 'file:/srv/archives'],
    ['file:/mnt/archives', 'file:/mnt/archives'],
    ['file:///mnt/archives', 'file:/mnt/archives'],
  ])('resolves the store %s to %s', (store, place) => {
    expect(read({ ...SMALLEST, store }).store).toBe(place);
  });

  it('accepts a ledger on PostgreSQL, whose URL is a secret', () => {
    const url = 'postgres://archivist:password@db.example.com:5432/archivist?sslmode=verify-full';
    const { ledger } = read({ ...SMALLEST, ledger: 'env:LEDGER' }, { LEDGER: url });
    expect(ledger.kind === 'postgres' && ledger.url.reveal()).toBe(url);
    expect(read({ ...SMALLEST, ledger: 'postgresql://db/archivist' }).ledger.kind).toBe('postgres');
  });
});

describe('the configuration file', () => {
  let folder: string;
  const cwd = process.cwd();

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'archivist-config-')));
    await mkdir(path.join(folder, 'etc'));
    const named = (name: string) =>
      writeFile(
        path.join(folder, name),
        JSON.stringify({ ...SMALLEST, store: `file:./${path.basename(name)}` }),
      );
    await Promise.all(['archivist.yaml', 'etc/one.yaml', 'etc/two.yaml'].map(named));
    process.chdir(folder);
  });

  afterAll(async () => {
    process.chdir(cwd);
    await rm(folder, { recursive: true });
  });

  it('is the one that --config names, in the first place', () => {
    const config = loadConfig('etc/one.yaml', { ARCHIVIST_CONFIG: 'etc/two.yaml' });
    expect(config.store).toBe(`file:${folder}/etc/one.yaml`);
  });

  it('is the one that ARCHIVIST_CONFIG names, in the second place', () => {
    expect(loadConfig(undefined, { ARCHIVIST_CONFIG: 'etc/two.yaml' }).store).toBe(
      `file:${folder}/etc/two.yaml`,
    );
  });

  it('is ./archivist.yaml otherwise', () => {
    expect(loadConfig(undefined, {}).store).toBe(`file:${folder}/archivist.yaml`);
  });

  it('resolves relative paths against its own folder, wherever the process runs', () => {
    expect(loadConfig(path.join(folder, 'etc/one.yaml'), {}).ledger).toEqual({
      kind: 'embedded',
      directory: path.join(folder, 'etc/data/ledger'),
    });
  });

  it.each([
    ['etc/three.yaml', 'ENOENT'],
    ['etc', 'EISDIR'],
  ])('is refused if it cannot be read: %s', (file, code) => {
    const attempt = () => loadConfig(file, {});
    expect(attempt).toThrow(path.join(folder, file));
    expect(attempt).toThrow(`cannot be read (${code})`);
    expect(attempt).toThrow('name it with --config FILE or ARCHIVIST_CONFIG, or put archivist.yaml here');
  });
});

describe('invalid YAML', () => {
  it.each([
    ['a bracket that is not closed', 'store: [marker', 'line 1: not valid YAML'],
    ['a key that is given twice', 'a: marker\na: marker', 'line 2: not valid YAML (DUPLICATE_KEY)'],
    ['two documents', 'a: marker\n---\nb: marker', 'not valid YAML (MULTIPLE_DOCS)'],
    ['a tab', 'a:\n\tb: marker', 'line 2: not valid YAML (TAB_AS_INDENT)'],
    ['a tag that nothing reads', 'a: !env marker', 'line 1: not valid YAML (TAG_RESOLVE_FAILED)'],
    ['an alias of nothing', 'a: *marker', 'an alias (`*name`) has no anchor (`&name`) before it'],
  ])('is refused with its line but without its content: %s', (_, text, problem) => {
    const attempt = () => parseYaml(text, '/srv/archivist.yaml');
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(problem);
    expect(attempt).not.toThrow('marker');
  });
});

describe('a deadline', () => {
  it('must be between 1 second and 60 days', () => {
    for (const deadline of ['1 second', '60 days'])
      expect(read({ ...SMALLEST, claim: { deadline } }).claim.deadline).toBeGreaterThan(0);
    for (const deadline of ['900 ms', '61 days'])
      expect(() => read({ ...SMALLEST, claim: { deadline } })).toThrow(/from `1 second` to `60 days`/);
  });
});

describe('an unresolved template', () => {
  it('is reported without a warning of the process', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
    try {
      expect(() => parseYaml('apiKey: {{ marker }}', '/srv/archivist.yaml')).toThrow('line 1');
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });
});

describe('YAML', () => {
  it('may contain anchors and aliases', () => {
    expect(parseYaml('a: &x [1]\nb: *x', '/srv/archivist.yaml')).toEqual({ a: [1], b: [1] });
  });
});
