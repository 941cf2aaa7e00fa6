import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load-config';

const COMPOSE = join(__dirname, '../../deploy/compose');

describe('the configuration of the containers', () => {
  let secrets: string;
  beforeAll(() => {
    secrets = mkdtempSync(join(tmpdir(), 'archivist-secrets-'));
    writeFileSync(join(secrets, 'flexperto_api_key'), 'a-key\n');
    writeFileSync(join(secrets, 'flexperto_callback_secret'), `${'c'.repeat(64)}\n`);
    writeFileSync(join(secrets, 'ledger_url'), 'postgres://archivist:p@postgres:5432/archivist\n');
  });
  afterAll(() => rmSync(secrets, { recursive: true }));

  it.each(['archivist.yaml', 'archivist.simulator.yaml'])('is valid: %s', (file) => {
    const text = readFileSync(join(COMPOSE, file), 'utf8').replaceAll('/run/secrets', secrets);
    const config = parseConfig(text, join(COMPOSE, file), {});
    expect(config).toMatchObject({ ledger: { kind: 'postgres' }, store: 'file:/data/archives' });
    expect([...config.tenants.values()][0]?.callbackSecrets).toHaveLength(1);
  });
});
