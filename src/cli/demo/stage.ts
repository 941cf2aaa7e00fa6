import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { stringify } from 'yaml';
import { spawnChild, type Child } from '../../processes/child';
import { freePort } from '../../processes/free-port';
import { ledgerFolder } from '../../embedded/postgres';
import { findTool } from '../../embedded/temporal-tool-finder';
import { TEMPORAL_CLI } from '../../embedded/temporal-tools';
import { SimulatorClient } from '../../simulator';

export const DEMO_TENANT = 'demo';

/** Everything that the demo runs, as processes of their own: the platform and `archivist up`, with Temporal. */
export interface Stage {
  readonly folder: string;
  /** The directory of the ledger's PostgreSQL. */
  readonly ledger: string;
  readonly simulator: SimulatorClient;
  readonly temporalAddress: string;
  readonly temporalUi: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const STOP_GRACE = 30_000;
const START_LIMIT = 60_000;

/** Starts it all under `folder` and resolves when notifications are taken. */
export async function setStage(folder: string, report: (line: string) => void): Promise<Stage> {
  const temporalCli = await findTool(TEMPORAL_CLI, { report });
  const [platform, gateway, temporal, ui] = [
    await freePort(HOST),
    await freePort(HOST),
    await freePort(HOST),
    await freePort(HOST),
  ];
  mkdirSync(folder, { recursive: true });
  // As root, PostgreSQL runs as another user, who may not get into this folder.
  const ledger = await ledgerFolder(join(folder, 'data', 'ledger'), report);
  const secrets = writeConfig(folder, ledger, platform, gateway);
  const children: Child[] = [];

  async function start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
    const child = await spawnChild(
      process.execPath,
      [...process.execArgv, process.argv[1] ?? '', name, ...args],
      {
        env: { ...process.env, ...env },
        logFile: join(folder, 'logs', `${name}.log`),
      },
    );
    children.push(child);
    return child;
  }
  async function close(): Promise<void> {
    for (const child of [...children].reverse()) await child.stop(STOP_GRACE);
  }

  try {
    const simulator = new SimulatorClient(`http://${HOST}:${platform}`);
    const platformProcess = await start('simulator', [
      '--port',
      String(platform),
      '--api-key',
      secrets.apiKey,
      '--tenant',
      DEMO_TENANT,
    ]);
    await until('the simulator', platformProcess, () => simulator.ready());
    const up = await start(
      'up',
      [
        '--config',
        join(folder, 'archivist.yaml'),
        '--temporal-port',
        String(temporal),
        '--ui-port',
        String(ui),
      ],
      { TEMPORAL_CLI_PATH: temporalCli, TEMPORAL_ADDRESS: undefined },
    );
    await until('archivist up', up, () => ready(`http://${HOST}:${gateway}/readyz`));
    await subscribe(`http://${HOST}:${platform}`, secrets, gateway);
    return {
      folder,
      ledger,
      simulator,
      temporalAddress: `${HOST}:${temporal}`,
      temporalUi: `http://${HOST}:${ui}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Secrets {
  readonly apiKey: string;
  readonly callback: string;
}

/** The configuration and its secrets, as a first real one would be. */
function writeConfig(folder: string, ledger: string, platform: number, gateway: number): Secrets {
  const secrets = { apiKey: randomBytes(32).toString('hex'), callback: randomBytes(32).toString('hex') };
  mkdirSync(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'secrets', 'api-key'), secrets.apiKey, { mode: 0o600 });
  writeFileSync(join(folder, 'secrets', 'callback'), secrets.callback, { mode: 0o600 });
  const config = {
    tenants: {
      [DEMO_TENANT]: {
        baseUrl: `http://${HOST}:${platform}`,
        apiKey: 'file:./secrets/api-key',
        callbackSecrets: ['file:./secrets/callback'],
      },
    },
    gateway: { host: HOST, port: gateway },
    store: 'file:./data/archives',
    ledger: `embedded:${ledger}`,
    claim: { deadline: '10 minutes', poll: { initial: '1 second', max: '2 seconds' } },
  };
  writeFileSync(join(folder, 'archivist.yaml'), stringify(config));
  return secrets;
}

async function subscribe(platform: string, { apiKey, callback }: Secrets, gateway: number): Promise<void> {
  const { statusCode, body } = await request(
    `${platform}/api/v2/communication/notificationssubscriptions/notificationssubscriptions/webhook`,
    {
      method: 'POST',
      headers: { 'api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({
        topic: 'communication.archives.archive.available',
        audience: '*',
        url: `http://${HOST}:${gateway}/callbacks/flexperto/${callback}`,
      }),
    },
  );
  await body.dump();
  if (statusCode >= 300) throw new Error(`The simulator refused the subscription (${statusCode}).`);
}

async function ready(url: string): Promise<void> {
  const { statusCode, body } = await request(url);
  await body.dump();
  if (statusCode !== 200) throw new Error(`Not ready (${statusCode}).`);
}

async function until(name: string, child: Child, check: () => Promise<void>): Promise<void> {
  const limit = Date.now() + START_LIMIT;
  let ended = false as boolean;
  void child.exited.then(() => (ended = true));
  for (;;) {
    try {
      await check();
      return;
    } catch {
      if (ended || Date.now() > limit) throw new Error(`${name} did not start:\n${child.tail()}`);
      await pause(100);
    }
  }
}
