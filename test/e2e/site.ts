import type { StdioOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { stringify } from 'yaml';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import { SimulatorClient } from '../../src/simulator';
import { createDatabase } from '../support/postgres';
import {
  killProcesses,
  launchArchivist,
  runArchivist,
  startArchivist,
  type Ended,
  type Running,
} from '../support/processes';
import { startProxy, type Rules } from './proxy';
import { watchAbandons } from './watch-abandons';

export const TENANT = 'acme';

/** Commands on the site's configuration. */
interface Commands {
  run(...args: readonly string[]): Promise<Ended>;
  /** Runs a command that must succeed. @returns what it printed */
  done(...args: readonly string[]): Promise<string>;
  start(...args: readonly string[]): Promise<Running>;
  /** Starts a command with streams of its own, and does not wait for anything that it does. */
  launch(stdio: StdioOptions, ...args: readonly string[]): Promise<Omit<Running, 'ready'>>;
}

/** A first installation in a folder of its own, and a platform in a process of its own. Nothing of it runs yet. */
export interface Site extends Commands {
  readonly folder: string;
  readonly simulator: SimulatorClient;
  /** Where the platform itself listens; Archivist knows only the proxy to it. */
  readonly platform: string;
  /** Where that proxy listens. */
  readonly front: string;
  readonly rules: Rules;
  readonly secrets: { readonly apiKey: string; readonly callback: string };
  /** What was wrong with a bag when its abandon was on its way to the platform. */
  readonly unsafeAbandons: readonly string[];
  /** The same commands in another environment. */
  with(env: NodeJS.ProcessEnv): Commands;
  /** Has the platform deliver its notifications to a gateway. */
  subscribe(gateway: Pick<Running, 'ready'>): Promise<void>;
  bagOf(archiveId: string): string;
  /** Files of copies that are not sealed yet. */
  incoming(): Promise<readonly string[]>;
  /** Kills what still runs, and removes the folder. */
  close(): Promise<void>;
}

export interface SiteOptions {
  /** A database of its own if absent. */
  readonly ledger?: string;
  readonly claim?: Readonly<Record<string, unknown>>;
  /** Keys of the tenant beside these, or in their place. */
  readonly tenant?: Readonly<Record<string, unknown>>;
  /** Keys of the configuration beside these. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
}

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const folder = await temporaryFolder('archivist-e2e-');
  const secrets = { apiKey: newSecret(), callback: newSecret() };
  const simulator = ['simulator', '--port', '0', '--api-key', secrets.apiKey, '--tenant', TENANT];
  const platform = String((await startArchivist(simulator)).ready['url']);
  const client = new SimulatorClient(platform);
  const archives = join(folder, 'data', 'archives');
  const bagOf = (archiveId: string): string => join(archives, TENANT, archiveId);
  const unsafeAbandons: string[] = [];
  const rules: Rules = {};
  const proxy = await startProxy(platform, watchAbandons(rules, client, bagOf, unsafeAbandons));
  const settings = {
    ...options.env,
    ARCHIVIST_CONFIG: await writeConfig(folder, proxy.url, secrets, options),
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
  };
  return {
    folder,
    simulator: client,
    platform,
    front: proxy.url,
    rules,
    secrets,
    unsafeAbandons,
    ...commandsIn(settings),
    with: (env) => commandsIn({ ...settings, ...env }),
    subscribe: (gateway) => subscribe(platform, secrets, gateway),
    bagOf,
    incoming: () => filesBelow(join(archives, '.incoming')),
    async close() {
      await killProcesses();
      await proxy.close();
      // Orphans of an `up` that was killed may still be writing there.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    },
  };
}

function commandsIn(env: NodeJS.ProcessEnv): Commands {
  return {
    run: (...args) => runArchivist(args, env),
    async done(...args) {
      const { code, stdout, stderr } = await runArchivist(args, env);
      if (code === 0) return stdout;
      throw new Error(`archivist ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    },
    start: (...args) => startArchivist(args, env),
    launch: (stdio, ...args) => launchArchivist(args, env, stdio),
  };
}

export function newSecret(): string {
  return randomBytes(24).toString('hex');
}

async function writeConfig(
  folder: string,
  baseUrl: string,
  { apiKey, callback }: Site['secrets'],
  { ledger, claim, tenant, config: others }: SiteOptions,
): Promise<string> {
  const file = join(folder, 'archivist.yaml');
  const config = {
    tenants: { [TENANT]: { baseUrl, apiKey, callbackSecrets: [callback], ...tenant } },
    gateway: { host: '127.0.0.1', port: 0 },
    ledger: ledger ?? (await createDatabase()),
    // Nothing is claimed that a test did not announce.
    reconcile: { every: '30 days' },
    claim: { deadline: '10 minutes', poll: { initial: '500 ms', max: '1 second' }, ...claim },
    ...others,
  };
  await writeFile(file, stringify(config));
  // In place of the one that a person may have at home.
  await writeFile(join(folder, 'temporal.toml'), '[profile.default]\n');
  return file;
}

async function subscribe(
  platform: string,
  { apiKey, callback }: Site['secrets'],
  { ready }: Pick<Running, 'ready'>,
) {
  const { statusCode } = await request(
    `${platform}/api/v2/communication/subscriptions/subscriptions/webhook`,
    {
      method: 'POST',
      headers: { 'api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({
        topic: 'communication.archives.archive.available',
        url: `${String(ready['gateway'])}/callbacks/flexperto/${callback}`,
      }),
    },
  );
  if (statusCode !== 201) throw new Error(`The simulator refused the subscription (${statusCode}).`);
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
