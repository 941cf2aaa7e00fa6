import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { freePort } from '../../processes/free-port';
import { Supervisor, type ServiceEvent } from '../../processes/supervisor';
import type { TemporalSettings } from '../../temporal/connect';
import { configuredCommand, portArgument, type CommonOptions } from '../options';
import { say, sayJson, tell } from '../output';
import { untilStopped } from '../../processes/child';
import { readTemporalSettings } from '../with-temporal';
import { commandService, environmentFor, postgresService, temporalService } from './services';
import { setUp } from './setup';

interface UpOptions extends CommonOptions {
  readonly temporalPort: number;
  readonly uiPort: number;
}

/** Milliseconds that the gateway and the worker have to end; the gateway has besides what `gateway.drain` says. */
const GRACE_MS = { gateway: 10_000, worker: 30_000 } as const;

export function upCommand(): Command {
  return configuredCommand(
    'up',
    'run gateway, worker and, unless configured otherwise, PostgreSQL and Temporal; restarted if one dies, stopped together',
  )
    .option('--temporal-port <port>', 'port of the embedded Temporal', portArgument, 7233)
    .option('--ui-port <port>', "port of the embedded Temporal's UI", portArgument, 8233)
    .action(up);
}

/** The same processes as in production, with this one as their supervisor. */
async function up(options: UpOptions): Promise<void> {
  const config = loadConfig(options.config);
  const supervisor = new Supervisor((event) => report(event, options));
  try {
    await Promise.race([run(config, options, supervisor), untilStopped()]);
  } finally {
    await supervisor.stop();
  }
}

async function run(config: Config, options: UpOptions, supervisor: Supervisor): Promise<never> {
  // First: as root, its user has to enter the folder of both.
  const ledger = await startLedger(config, supervisor);
  const temporal = await startTemporal(options, supervisor);
  await setUp(config, temporal.settings);
  const gateway = await startCommands(config, options, temporal.env, supervisor);
  const where = { gateway, ...temporal.where, ledger };
  if (options.json) sayJson({ event: 'ready', ...where });
  else for (const [name, place] of Object.entries(where)) if (place) say(`${name.padEnd(9)}${place}`);
  return await supervisor.failed;
}

/** @returns where the ledger is, without the password */
async function startLedger({ ledger }: Config, supervisor: Supervisor): Promise<string> {
  if (ledger.kind === 'postgres') {
    const { protocol, host, pathname } = new URL(ledger.url.reveal());
    return `${protocol}//${host}${pathname}`;
  }
  const { port } = await supervisor.start(postgresService(ledger.directory));
  return `postgres://127.0.0.1:${port}`;
}

interface Temporal {
  readonly settings: TemporalSettings;
  /** The environment of processes that use it. */
  readonly env: NodeJS.ProcessEnv;
  /** Where people find it, if it is embedded. */
  readonly where: { readonly temporal?: string; readonly ui?: string | undefined };
}

/** Keeps its history beside the configuration, so that running claims go on after a restart. */
async function startTemporal(
  { config, temporalPort, uiPort }: UpOptions,
  supervisor: Supervisor,
): Promise<Temporal> {
  if (process.env['TEMPORAL_ADDRESS'] !== undefined)
    return { settings: readTemporalSettings(), env: process.env, where: {} };
  const folder = dirname(resolve(config ?? process.env['ARCHIVIST_CONFIG'] ?? 'archivist.yaml'));
  const dbFilename = join(folder, 'data', 'temporal', 'temporal.db');
  const options = { dbFilename, port: temporalPort, ui: true, uiPort, report: tell };
  const server = await supervisor.start(temporalService(options));
  const { address, namespace, uiUrl } = server;
  return {
    settings: { connectionOptions: { address }, namespace },
    env: environmentFor(server),
    where: { temporal: address, ui: uiUrl },
  };
}

/** Starts worker and gateway. @returns the gateway's URL */
async function startCommands(
  config: Config,
  { config: file }: UpOptions,
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<string> {
  const { metrics, gateway } = config;
  const from = file === undefined ? [] : ['--config', file];
  // Two processes cannot have the same address for their metrics.
  const apart = metrics && metrics.port > 0 ? ['--metrics-port', String(metrics.port + 1)] : [];
  // A port of its choice would be another one after a restart.
  const port = gateway.port === 0 ? await freePort(gateway.host) : gateway.port;
  const worker = commandService('worker', [...from, ...apart], { env, graceMs: GRACE_MS.worker });
  const front = commandService('gateway', [...from, '--port', String(port)], {
    env,
    graceMs: GRACE_MS.gateway + (gateway.drain ?? 0),
  });
  const [{ said }] = await Promise.all([supervisor.start(front), supervisor.start(worker)]);
  return String(said['gateway']);
}

function report(event: ServiceEvent, { json }: UpOptions): void {
  if (json) sayJson(event);
  else if (event.event === 'ended')
    tell(
      `archivist: ${event.service} ${event.reason}; it is started again in ${Math.round(event.againInMs / 1000)} s`,
    );
}
