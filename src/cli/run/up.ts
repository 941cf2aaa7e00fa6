import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { startDevServer, type DevServer } from '../../embedded/temporal-dev-server';
import { TEMPORAL_CLI } from '../../embedded/temporal-tools';
import { freePort } from '../../processes/free-port';
import { HopelessStart, startUntilReady, shutdownRequested, type ReadyChild } from '../../processes/child';
import { Supervisor, type Service, type ServiceEvent } from '../../processes/supervisor';
import { configuredCommand, portArgument, type CommonOptions } from '../options';
import { say, sayJson, tell } from '../output';
import { requirePorts, workerMetricsPort, type TemporalPorts } from './ports';
import { ACCEPT_STORE, setUp } from './setup';

interface UpOptions extends CommonOptions, TemporalPorts {
  readonly acceptStore?: boolean;
}

/** Milliseconds that a process has for its shutdown. The gateway gets these in addition to `gateway.drain`. */
const GRACE_MS = { gateway: 10_000, worker: 30_000 } as const;

export function upCommand(): Command {
  return configuredCommand(
    'up',
    'run gateway, worker and, unless configured otherwise, PostgreSQL and Temporal; restarted if one dies, stopped together',
  )
    .option('--temporal-port <port>', 'port of the embedded Temporal', portArgument, 7233)
    .option('--ui-port <port>', "port of the embedded Temporal's UI", portArgument, 8233)
    .option(...ACCEPT_STORE)
    .action(up);
}

/** Runs the same processes as in production, with this one as their supervisor. */
async function up(options: UpOptions): Promise<void> {
  const config = loadConfig(options.config);
  const supervisor = new Supervisor((event) => report(event, options));
  try {
    await Promise.race([run(config, options, supervisor), shutdownRequested()]);
  } finally {
    await supervisor.stop();
  }
}

async function run(config: Config, options: UpOptions, supervisor: Supervisor): Promise<never> {
  const ports = requirePorts(config, usesOtherTemporal() ? undefined : options);
  // Awaited later: if another `up` runs with this ledger, that is what a person must be told.
  ports.catch(() => undefined);
  // The ledger first: if this process is root, PostgreSQL's user must be able to enter the folder of both.
  const ledger = await startLedger(config, supervisor);
  await ports;
  const temporal = await startTemporal(options, supervisor);
  await setUp(config, { acceptsStore: options.acceptStore ?? false });
  const gateway = await startCommands(config, options, supervisor);
  const where = { gateway, ...temporal, ledger };
  if (options.json) sayJson({ event: 'ready', ...where });
  else for (const [name, place] of Object.entries(where)) if (place) say(`${name.padEnd(9)}${place}`);
  return await supervisor.failed;
}

/**
 * Starts the embedded PostgreSQL if the ledger is in one. It is restarted on the port that it had: the other processes connect to
 * it there.
 * @returns the ledger's address, without the password
 */
async function startLedger({ ledger }: Config, supervisor: Supervisor): Promise<string> {
  if (ledger.kind === 'postgres') {
    const { protocol, host, pathname } = new URL(ledger.url.reveal());
    return `${protocol}//${host}${pathname}`;
  }
  let port: number | undefined;
  const start = async (): Promise<EmbeddedPostgres> => {
    try {
      const server = await startEmbeddedPostgres({ directory: ledger.directory, report: tell, port });
      port = server.port;
      return server;
    } catch (error) {
      if (port !== undefined || !(error instanceof Error)) throw error;
      // It has already retried what a retry can help.
      throw new HopelessStart(error.message, { cause: error });
    }
  };
  const server = await supervisor.start({ name: 'postgres', start });
  return `postgres://127.0.0.1:${server.port}`;
}

/**
 * Starts Temporal's dev server unless the environment names another one. It keeps its history beside the configuration, so that
 * running claims go on after a restart.
 * @returns its address and the URL of its UI, if it was started here
 */
async function startTemporal(
  { config, temporalPort, uiPort }: UpOptions,
  supervisor: Supervisor,
): Promise<{ readonly temporal?: string; readonly ui?: string | undefined }> {
  if (usesOtherTemporal()) return {};
  const folder = dirname(resolve(config ?? process.env['ARCHIVIST_CONFIG'] ?? 'archivist.yaml'));
  const dbFilename = join(folder, 'data', 'temporal', 'temporal.db');
  const options = { dbFilename, port: temporalPort, ui: true, uiPort, report: tell };
  const server = await supervisor.start({ name: 'temporal', start: () => startDevServer(options) });
  useTemporal(server);
  return { temporal: server.address, ui: server.uiUrl };
}

function usesOtherTemporal(): boolean {
  return process.env['TEMPORAL_ADDRESS'] !== undefined;
}

/** From now on, this process and its children use this Temporal, and no other one that is configured here. */
function useTemporal({ address, namespace }: DevServer): void {
  const others = Object.entries(process.env).filter(
    // A restart of the dev server needs this variable.
    ([name]) => !name.startsWith('TEMPORAL_') || name === TEMPORAL_CLI.pathVariable,
  );
  process.env = {
    ...Object.fromEntries(others),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    // No file: a profile in the default file may have TLS settings or a key.
    TEMPORAL_CONFIG_FILE: '',
  };
}

/** Starts worker and gateway. @returns the gateway's URL */
async function startCommands(
  config: Config,
  { config: file }: UpOptions,
  supervisor: Supervisor,
): Promise<string> {
  const { gateway } = config;
  const from = file === undefined ? [] : ['--config', file];
  const workerPort = workerMetricsPort(config);
  const apart = workerPort === undefined ? [] : ['--metrics-port', String(workerPort)];
  // If the gateway chose its port, a restart would change it.
  const port = gateway.port === 0 ? await freePort(gateway.host) : gateway.port;
  const worker = commandService('worker', [...from, ...apart], GRACE_MS.worker);
  const grace = GRACE_MS.gateway + (gateway.drain ?? 0);
  const front = commandService('gateway', [...from, '--port', String(port)], grace);
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

/** The exit code for wrong usage and wrong configuration. */
const WRONG_USAGE = 2;
const START_LIMIT_MS = 60_000;

/**
 * Runs a command of this program in a process of its own, as in production. It logs to the same place as this process.
 * @param graceMs milliseconds that it has for its shutdown
 */
function commandService(
  name: 'gateway' | 'worker',
  args: readonly string[],
  graceMs: number,
): Service<ReadyChild> {
  const command = [...process.execArgv, process.argv[1] ?? '', name, ...args, '--json'];
  const terms = {
    env: process.env,
    graceMs,
    startLimitMs: START_LIMIT_MS,
    hopeless: [WRONG_USAGE],
    watchesParent: true,
    // Without its supervisor it has neither a database nor Temporal, and would only occupy the ports that the next one needs.
    orphanSignal: 'SIGKILL',
    onLine(line: string, stream: 'stdout' | 'stderr') {
      if (stream === 'stderr') tell(line);
    },
  } as const;
  return {
    name,
    needs: ['postgres', 'temporal'],
    start: (signal) => startUntilReady(process.execPath, command, terms, signal),
  };
}
