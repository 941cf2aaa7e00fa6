import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../processes/free-port';
import { startUntilReady } from '../../processes/child';
import { ledgerFolder } from '../../embedded/postgres';
import { findTool } from '../../embedded/temporal-tool-finder';
import { TEMPORAL_CLI } from '../../embedded/temporal-tools';
import { startSimulator, type Simulator } from '../../simulator';
import { tell } from '../output';

export const DEMO_TENANT = 'demo';

/** What the demo runs: the platform in this process, and `archivist up` with all its processes. */
export type Installation = Awaited<ReturnType<typeof install>>;

const HOST = '127.0.0.1';
const STOP_GRACE = 30_000;
const START_LIMIT = 60_000;

/**
 * Starts everything under `folder`, and resolves when the gateway accepts notifications.
 * @param signal when it is aborted before that, what has been started is stopped
 */
export async function install(folder: string, signal: AbortSignal) {
  const temporalCli = await findTool(TEMPORAL_CLI, { report: tell });
  const [gateway, temporal, ui] = [await freePort(HOST), await freePort(HOST), await freePort(HOST)];
  mkdirSync(folder, { recursive: true });
  // If this process is root, PostgreSQL runs as another user, who may be unable to enter this folder.
  const ledger = await ledgerFolder(join(folder, 'data', 'ledger'), tell);
  const secrets = { apiKey: randomBytes(32).toString('hex'), callback: randomBytes(32).toString('hex') };
  const simulator = await startSimulator({ apiKey: secrets.apiKey, tenant: DEMO_TENANT });
  try {
    const configFile = writeConfig(folder, secrets, simulator.url, ledger, gateway);
    // Before there is a gateway: nothing is announced yet.
    await subscribe(simulator, `http://${HOST}:${gateway}/callbacks/flexperto/${secrets.callback}`);
    const options = [
      ...['--config', configFile],
      ...['--temporal-port', String(temporal)],
      ...['--ui-port', String(ui)],
    ];
    const up = await startUp(folder, temporalCli, options, signal);
    return {
      folder,
      configFile,
      /** The directory of the ledger's PostgreSQL. */
      ledger,
      simulator,
      temporalAddress: `${HOST}:${temporal}`,
      temporalUi: `http://${HOST}:${ui}`,
      async close() {
        await up.stop();
        await simulator.close();
      },
    };
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

/** Writes a configuration and its secrets, like a first real one. @returns its file */
function writeConfig(
  folder: string,
  secrets: { readonly apiKey: string; readonly callback: string },
  baseUrl: string,
  ledger: string,
  port: number,
): string {
  mkdirSync(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'secrets', 'api-key'), secrets.apiKey, { mode: 0o600 });
  writeFileSync(join(folder, 'secrets', 'callback'), secrets.callback, { mode: 0o600 });
  const tenant = { baseUrl, apiKey: 'file:./secrets/api-key', callbackSecrets: ['file:./secrets/callback'] };
  const config = {
    tenants: { [DEMO_TENANT]: tenant },
    gateway: { host: HOST, port },
    store: 'file:./data/archives',
    ledger: `embedded:${ledger}`,
    claim: { deadline: '10 minutes', poll: { initial: '1 second', max: '2 seconds' } },
  };
  const file = join(folder, 'archivist.yaml');
  writeFileSync(file, stringify(config));
  return file;
}

async function startUp(folder: string, temporalCli: string, options: readonly string[], signal: AbortSignal) {
  const command = [...process.execArgv, process.argv[1] ?? '', 'up', '--json', ...options];
  const terms = {
    env: { ...process.env, TEMPORAL_CLI_PATH: temporalCli, TEMPORAL_ADDRESS: undefined },
    logFile: join(folder, 'logs', 'up.log'),
    startLimitMs: START_LIMIT,
    graceMs: STOP_GRACE,
  };
  return await startUntilReady(process.execPath, command, terms, signal);
}

async function subscribe({ url: platform, apiKey }: Simulator, url: string): Promise<void> {
  const { ok, status } = await fetch(
    `${platform}/api/v2/communication/notificationssubscriptions/notificationssubscriptions/webhook`,
    {
      method: 'POST',
      headers: { 'api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ topic: 'communication.archives.archive.available', audience: '*', url }),
    },
  );
  if (!ok) throw new Error(`The simulator refused the subscription (${status}).`);
}
