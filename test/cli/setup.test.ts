import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUp } from '../../src/cli/run/setup';
import { parseConfig } from '../../src/config/load-config';
import { openWire, type Wire } from '../gateway/wire';
import { createDatabase } from '../support/postgres';
import { testTemporal, type TestTemporal } from '../support/temporal';

/** Milliseconds that Temporal has to answer, and those that each of its answers takes. */
const LIMIT_MS = 2_000;
const DELAY_MS = 150;
const TENANTS = Array.from({ length: 10 }, (_, index) => `tenant-${index}`);

describe('setup', () => {
  let temporal: TestTemporal;
  let wire: Wire;
  let folder: string;
  const { env } = process;
  beforeAll(async () => {
    temporal = await testTemporal();
    wire = await openWire(Number(temporal.address.split(':')[1]));
    folder = await mkdtemp(join(tmpdir(), 'archivist-setup-'));
    process.env = {
      ...env,
      TEMPORAL_ADDRESS: `127.0.0.1:${wire.port}`,
      TEMPORAL_NAMESPACE: temporal.namespace,
      TEMPORAL_CONFIG_FILE: '',
    };
  });
  afterAll(async () => {
    process.env = env;
    await wire.close();
    await temporal.close();
    await rm(folder, { recursive: true });
  });

  it('makes the schedules of any number of tenants with a Temporal that is slow, and fails with one that is silent', async () => {
    const tenant = { baseUrl: 'https://acme.live.flexperto.com', apiKey: 'a-key' };
    const config = parseConfig(
      JSON.stringify({
        tenants: Object.fromEntries(TENANTS.map((name) => [name, tenant])),
        ledger: await createDatabase(),
        store: `file:${folder}`,
      }),
      join(folder, 'archivist.yaml'),
      {},
    );
    wire.delay(DELAY_MS);
    const began = performance.now();
    await setUp(config, LIMIT_MS);
    expect(performance.now() - began).toBeGreaterThan(LIMIT_MS);
    for (const name of TENANTS) {
      const sweep = temporal.client.schedule.getHandle(`sweep:${name}`);
      await expect(sweep.describe()).resolves.toBeDefined();
    }
    wire.hold();
    await expect(setUp(config, LIMIT_MS)).rejects.toThrow('Temporal does not answer');
  });
});
