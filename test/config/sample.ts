import { ConfigError, parseConfig, type Config } from '../../src/config/load-config';

/** Where the tests' configurations are said to be; nothing is there. */
export const FOLDER = '/srv/archivist';
export const SECRET = 'callback-secret-000000';

/** The configuration of the design document, with every key. */
export const SAMPLE = `
tenants:
  mycompany:
    baseUrl: https://mycompany.live.flexperto.com
    apiPrefix: /api/v2
    apiKey: env:FLEXPERTO_API_KEY
    callbackSecrets: [env:FLEXPERTO_CALLBACK_SECRET]   # besides those that webhook register keeps
    allowedSources: []            # CIDRs; empty: any
    endpoints: {}                 # path templates by name
gateway: {host: 0.0.0.0, port: 8080, publicUrl: https://hooks.example.com, trustedProxies: []}
metrics: {host: 127.0.0.1, port: 9464}
store: file:./data/archives
ledger: embedded:./data/ledger
claim: {deadline: 7 days, poll: {initial: 10 seconds, max: 5 minutes}, requireChecksum: true, abandon: true}
expiry: {period: 3 days, recheck: 2 days}
reconcile: {every: 5 minutes}
`;

export const ENV = { FLEXPERTO_API_KEY: 'the-api-key', FLEXPERTO_CALLBACK_SECRET: SECRET };

/** The smallest configuration there is. */
export const SMALLEST = {
  tenants: { mycompany: { baseUrl: 'https://mycompany.live.flexperto.com', apiKey: 'the-api-key' } },
};

/** Reads a configuration that is given as YAML or as what YAML would hold. */
export function read(written: unknown, env: Readonly<Record<string, string>> = {}): Config {
  const text = typeof written === 'string' ? written : JSON.stringify(written);
  return parseConfig(text, `${FOLDER}/archivist.yaml`, env);
}

/** A tenant named `mycompany`, with these keys besides those that it must have. */
export function withTenant(keys: object): object {
  return { tenants: { mycompany: { ...SMALLEST.tenants.mycompany, ...keys } } };
}

export function tenantOf(config: Config) {
  const [tenant] = config.tenants.values();
  if (tenant === undefined) throw new Error('There is no tenant.');
  return tenant;
}

/** The problems that a configuration is refused for. */
export function problemsOf(written: unknown, env: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    read(written, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
