import { writeFile } from 'node:fs/promises';
import { requirePorts } from '../../src/cli/run/ports';
import { loadConfig, type Config } from '../../src/config/load-config';
import { freePort, holdPort, tryPort, type HeldPort } from '../../src/processes/free-port';
import { openCommandSite, type CommandSite } from './command-site';

const HOST = '127.0.0.1';
const TAKEN = 'another program listens there; end it, or choose another port (EADDRINUSE)';

let site: CommandSite;
let config: Config;
/** Ports that nobody listens on: the worker's metrics take the one after `metrics`. */
let ports: Readonly<Record<'gateway' | 'metrics' | 'temporal' | 'ui', number>>;
let other: HeldPort | undefined;
beforeAll(async () => {
  site = await openCommandSite();
});
beforeEach(async () => {
  const free = () => freePort(HOST);
  ports = { gateway: await free(), metrics: await free(), temporal: await free(), ui: await free() };
  config = await configure({ gateway: ports.gateway, metrics: ports.metrics });
});
afterEach(async () => {
  await other?.release();
  other = undefined;
});
afterAll(() => site.close());

async function configure({ gateway, metrics }: { gateway: number; metrics: number }): Promise<Config> {
  const file = `${site.environment['ARCHIVIST_CONFIG'] ?? ''}.ports`;
  const tenants = { acme: { baseUrl: site.simulator.url, apiKey: 'key' } };
  const [at, metricsAt] = [gateway, metrics].map((port) => ({ host: HOST, port }));
  await writeFile(file, JSON.stringify({ tenants, gateway: at, metrics: metricsAt }));
  return loadConfig(file);
}

const required = (): Promise<void> =>
  requirePorts(config, { temporalPort: ports.temporal, uiPort: ports.ui });

describe('archivist up', () => {
  it('leaves its ports free when it has looked at them', async () => {
    await required();
    for (const port of Object.values(ports)) await tryPort(HOST, port);
  });

  it.each([
    ['its gateway', () => ports.gateway, () => `\`gateway.host\` ${HOST}, \`gateway.port\` ${ports.gateway}`],
    ['its metrics', () => ports.metrics, () => `\`metrics.host\` ${HOST}, \`metrics.port\` ${ports.metrics}`],
    [
      "the worker's metrics",
      () => ports.metrics + 1,
      () => `\`metrics.host\` ${HOST}, \`metrics.port\` ${ports.metrics} + 1 for the worker`,
    ],
    ['its Temporal', () => ports.temporal, () => `${HOST}, \`--temporal-port\` ${ports.temporal}`],
    ['its UI', () => ports.ui, () => `${HOST}, \`--ui-port\` ${ports.ui}`],
  ])(
    'refuses to start if another program uses the port of %s, and names what sets it',
    async (_, port, place) => {
      other = await holdPort(HOST, port());
      await expect(required()).rejects.toThrow(`Nothing can listen on ${place()}: ${TAKEN}.`);
    },
  );

  it('refuses to start if two of its ports are the same', async () => {
    const { temporal, metrics } = ports;
    config = await configure({ gateway: temporal, metrics });
    await expect(required()).rejects.toThrow(
      `\`--temporal-port\` ${temporal}: \`gateway.host\` ${HOST}, \`gateway.port\` ${temporal} is the same port.`,
    );
  });

  it('waits a moment for the Temporal of an `up` that was killed to leave its port', async () => {
    const held = await holdPort(HOST, ports.temporal);
    const [starting] = [required(), setTimeout(() => void held.release(), 500)];
    await expect(starting).resolves.toBeUndefined();
  });
});
