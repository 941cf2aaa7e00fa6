import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format, inspect } from 'node:util';
import { parseConfig } from '../../src/config/load-config';
import type { Proxy } from '../../src/config/proxy';
import { ENV, problemsOf, read, SAMPLE, SMALLEST, tenantOf, withTenant } from './sample';

const MARKER = 'MARKER-that-nobody-may-see';

/** Every key that may be given indirectly: how it is written, and how it is read back. */
const INDIRECT = [
  ['apiKey', (value: string) => withTenant({ apiKey: value }), 'tenants.mycompany.apiKey', MARKER],
  [
    'callbackSecrets',
    (value: string) => withTenant({ callbackSecrets: [value] }),
    'tenants.mycompany.callbackSecrets.0',
    MARKER,
  ],
  [
    'proxy',
    (value: string) => withTenant({ proxy: value }),
    'tenants.mycompany.proxy',
    `http://user:${MARKER}@proxy.example:3128`,
  ],
  ['ledger', (value: string) => ({ ...SMALLEST, ledger: value }), 'ledger', `postgres://a:${MARKER}@db/a`],
] as const;

function reveal(key: string, config: ReturnType<typeof read>): string | undefined {
  if (key === 'apiKey') return tenantOf(config).apiKey.reveal();
  if (key === 'callbackSecrets') return tenantOf(config).callbackSecrets[0]?.reveal();
  if (key === 'proxy') return spelledOut(tenantOf(config).proxy);
  return config.ledger.kind === 'postgres' ? config.ledger.url.reveal() : undefined;
}

function spelledOut(proxy: Proxy | undefined): string | undefined {
  const [, credentials = ''] = proxy?.authorization?.reveal().split(' ') ?? [];
  return proxy?.origin.replace('://', `://${Buffer.from(credentials, 'base64').toString()}@`);
}

describe.each(INDIRECT)('the secret %s', (key, write, named, value) => {
  let folder: string;
  const readFrom = (written: object) =>
    parseConfig(JSON.stringify(written), path.join(folder, 'archivist.yaml'), {});
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'archivist-secrets-'));
    const files = {
      plain: value,
      unix: `${value}\n`,
      dos: `${value}\r\n`,
      empty: '',
      line: '\n',
      two: `${value}\n\n`,
      windows: `\uFEFF${value}\r\n\r\n`,
      powershell: Buffer.from(`\uFEFF${value}\r\n`, 'utf16le'),
    };
    await Promise.all(
      Object.entries(files).map(([name, content]) => writeFile(path.join(folder, name), content)),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('may be written literally', () => {
    expect(reveal(key, read(write(value)))).toBe(value);
  });

  it('may be read from the environment', () => {
    expect(reveal(key, read(write('env:NAME'), { NAME: value }))).toBe(value);
  });

  it.each(['plain', 'unix', 'dos', 'two', 'windows', 'powershell'])(
    'may be read from a file, without trailing line breaks and byte order mark: %s',
    (file) => {
      expect(reveal(key, readFrom(write(`file:./${file}`)))).toBe(value);
      expect(reveal(key, readFrom(write(`file:${path.join(folder, file)}`)))).toBe(value);
    },
  );

  it('is refused if the environment has no such variable', () => {
    const problem = `\`${named}\`: the environment variable NAME is not set; set it or give the value another way`;
    expect(problemsOf(write('env:NAME'))).toEqual([problem]);
    expect(problemsOf(write('env:constructor'))[0]).toContain('variable constructor is not set');
  });

  it('is refused if the file does not exist', () => {
    const problem = `\`${named}\`: the file ${folder}/gone cannot be read (ENOENT); expected a file that holds the value`;
    expect(() => readFrom(write('file:gone'))).toThrow(problem);
    expect(() => readFrom(write('file:.'))).toThrow('(EISDIR)');
  });

  it('is refused if it is empty', () => {
    const problem = `\`${named}\`: is empty; expected a value`;
    expect(problemsOf(write(''))).toEqual([problem]);
    expect(problemsOf(write('env:NAME'), { NAME: '' })).toEqual([problem]);
    expect(() => readFrom(write('file:empty'))).toThrow(problem);
    expect(() => readFrom(write('file:line'))).toThrow(problem);
  });

  it('is hidden when the configuration is printed', () => {
    const config = read(write(value));
    const shown = [
      inspect(config, { depth: Infinity, showHidden: true }),
      format('%s %o %j', config, config, config),
      JSON.stringify([...config.tenants.values(), config.ledger]),
      String(tenantOf(config).apiKey),
    ].join('\n');
    expect(shown).toContain('[secret]');
    expect(shown).not.toContain(MARKER);
  });
});

describe('a line break inside a secret', () => {
  it.each([
    ['apiKey', withTenant({ apiKey: 'env:NAME' }), 'visible ASCII'],
    ['callbackSecrets', withTenant({ callbackSecrets: ['env:NAME'] }), '20 to 200 letters'],
  ])('is refused in %s, because no request could contain it', (_, written, expected) => {
    for (const value of [`${MARKER}\n`, `\n${MARKER}`, `${MARKER}\r\nx: y`]) {
      const problems = problemsOf(written, { NAME: value });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(expected);
      expect(problems[0]).not.toContain(MARKER);
    }
  });
});

describe('the error about a configuration does not show', () => {
  const { mycompany } = SMALLEST.tenants;
  it.each([
    ['an apiKey that is a group of keys', withTenant({ apiKey: { [MARKER]: MARKER } })],
    ['an apiKey that is a list', withTenant({ apiKey: [MARKER] })],
    ['an apiKey with a letter that no header takes', withTenant({ apiKey: `${MARKER}é` })],
    ['a callback secret that is malformed', withTenant({ callbackSecrets: [`${MARKER}/..`] })],
    ['callback secrets that are no list', withTenant({ callbackSecrets: MARKER })],
    ['a callback secret that is given twice', withTenant({ callbackSecrets: [MARKER, MARKER] })],
    ['a ledger with a password and a wrong scheme', { ...SMALLEST, ledger: `postgre://a:${MARKER}@db/a` }],
    [
      'a ledger with a password and a wrong port',
      { ...SMALLEST, ledger: `postgres://a:${MARKER}@db:port/a` },
    ],
    ['a ledger with a password and two hosts', { ...SMALLEST, ledger: `postgres://a:${MARKER}@h1,h2/a` }],
    ['a ledger that is a group of keys', { ...SMALLEST, ledger: { url: MARKER } }],
    ['a baseUrl with a password', withTenant({ baseUrl: `https://a:${MARKER}@example.com` })],
    ['a baseUrl with a key in its query', withTenant({ baseUrl: `https://example.com?key=${MARKER}` })],
    ['a publicUrl with a secret in it', { ...SMALLEST, gateway: { publicUrl: `ftp://x/${MARKER}` } }],
    ['a proxy with a password and a wrong scheme', withTenant({ proxy: `socks5://a:${MARKER}@proxy:1080` })],
    ['a proxy whose password is not encoded', withTenant({ proxy: `http://a:#${MARKER}@proxy:3128` })],
    ['a certificate that is none', withTenant({ ca: MARKER })],
    ['a key that is none', withTenant({ clientCertificate: { certificate: MARKER, key: MARKER } })],
    ['a store with a password', { ...SMALLEST, store: `s4://a:${MARKER}@bucket` }],
    ['a tenant that is its own key', { tenants: { mycompany, other: MARKER } }],
    ['a template that was not filled', `tenants: {t: {baseUrl: 'https://x', apiKey: {{ ${MARKER} }}}}`],
    ['a secret with an asterisk before it', `tenants: {t: {baseUrl: 'https://x', apiKey: *${MARKER}}}`],
    ['a quote that is not closed', `tenants: {t: {apiKey: "${MARKER}`],
    ['the content where there is another key that is wrong', { ...withTenant({ apiKey: MARKER }), stor: 1 }],
  ])('%s', (_, written) => {
    const problems = problemsOf(written);
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain(MARKER);
  });

  it('any of it in its message, its stack or its properties', () => {
    try {
      read(SAMPLE.replace('0.0.0.0', '""'), { ...ENV, FLEXPERTO_API_KEY: MARKER });
      throw new Error('It was taken.');
    } catch (error) {
      const shown = inspect(error, { depth: Infinity, showHidden: true });
      expect(shown).toContain('gateway.host');
      expect(shown).not.toContain(MARKER);
    }
  });
});
