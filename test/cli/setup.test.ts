import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUp } from '../../src/cli/run/setup';
import { parseConfig, type Config } from '../../src/config/load-config';
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

  beforeEach(async () => {
    wire.delay(0);
    await wire.mend();
  });

  it('creates the schedules of any number of tenants on a slow Temporal, and fails on a silent one', async () => {
    const config = configuration(await createDatabase(), join(folder, 'store'), TENANTS);
    wire.delay(DELAY_MS);
    const began = performance.now();
    await setUp(config, { answerMs: LIMIT_MS });
    expect(performance.now() - began).toBeGreaterThan(LIMIT_MS);
    for (const name of TENANTS) {
      const sweep = temporal.client.schedule.getHandle(`sweep:${name}`);
      await expect(sweep.describe()).resolves.toBeDefined();
    }
    wire.hold();
    await expect(setUp(config, { answerMs: LIMIT_MS })).rejects.toThrow('Temporal does not answer');
  });

  describe('refuses a store that seems to be the wrong one, unless a person accepts it:', () => {
    it('one that contains bags, for a ledger without any', async () => {
      const store = await bagsIn('of-production');
      const config = configuration(await createDatabase(), store);
      await expect(setUp(config)).rejects.toThrow('has bags that this ledger does not know');
      await setUp(config, { acceptsStore: true });
      await setUp(config);
    });

    it("one that is empty or another ledger's, for a ledger whose copies are elsewhere", async () => {
      const ledger = await createDatabase();
      await setUp(configuration(ledger, join(folder, 'of-this')));
      const other = configuration(await createDatabase(), join(folder, 'of-another'));
      await setUp(other);
      for (const name of ['empty', 'of-another']) {
        const config = configuration(ledger, join(folder, name));
        await expect(setUp(config)).rejects.toThrow("is not the one with this ledger's copies");
      }
    });

    it('its own without its marker, at the same place', async () => {
      const config = configuration(await createDatabase(), await bagsIn('without-marker'));
      await setUp(config, { acceptsStore: true });
      await rm(join(folder, 'without-marker', '.archivist-store'));
      await expect(setUp(config)).rejects.toThrow('its marker file is missing');
      await setUp(config, { acceptsStore: true });
      await setUp(config);
    });

    it('but accepts a directory with other things in it', async () => {
      const store = join(folder, 'on-a-disk');
      await mkdir(join(store, 'lost+found', 'x'), { recursive: true });
      await mkdir(join(store, 'photos', 'summer'), { recursive: true });
      await setUp(configuration(await createDatabase(), store));
    });

    it('but accepts its own store after a move', async () => {
      const ledger = await createDatabase();
      const [old, moved] = [join(folder, 'old'), join(folder, 'moved')];
      await setUp(configuration(ledger, old));
      await rename(old, moved);
      await bagsIn('moved');
      await setUp(configuration(ledger, moved));
    });
  });

  async function bagsIn(name: string): Promise<string> {
    const bag = join(folder, name, 'acme', 'an-archive');
    await mkdir(bag, { recursive: true });
    await writeFile(join(bag, 'bagit.txt'), 'BagIt-Version: 1.0\n');
    return join(folder, name);
  }

  function configuration(ledger: string, store: string, names: readonly string[] = ['acme']): Config {
    const tenant = { baseUrl: 'https://acme.live.flexperto.com', apiKey: 'a-key' };
    const tenants = Object.fromEntries(names.map((name) => [name, tenant]));
    const written = JSON.stringify({ tenants, ledger, store: `file:${store}` });
    return parseConfig(written, join(folder, 'archivist.yaml'), {});
  }
});
