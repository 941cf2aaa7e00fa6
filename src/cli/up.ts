import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, type Config } from '../config/load-config';
import { freePort } from '../embedded/free-port';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded/postgres';
import { startDevServer, type DevServer } from '../embedded/temporal-dev-server';
import { createClient, type TemporalSettings } from '../temporal/connect';
import { registerSearchAttributes } from '../temporal/register-search-attributes';
import { keepSchedules } from '../temporal/schedules';
import { installTelemetry } from '../worker/telemetry';
import { openFrontDoor } from './front-door';
import { createLogger } from './logger';
import { configuredCommand, portArgument, type CommonOptions } from './options';
import { say, sayJson } from './output';
import { prepareHoldings } from './prepare';
import { readTemporalSettings } from './with-temporal';
import { work } from './worker';

const LOCAL = '127.0.0.1';

interface UpOptions extends CommonOptions {
  readonly temporalPort: number;
  readonly uiPort: number;
}

export function upCommand(): Command {
  return configuredCommand(
    'up',
    'run everything in one process tree: gateway, worker and, unless configured otherwise, PostgreSQL and Temporal',
  )
    .option('--temporal-port <port>', 'port of the embedded Temporal', portArgument, 7233)
    .option('--ui-port <port>', "port of the embedded Temporal's UI", portArgument, 8233)
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const config = loadConfig(options.config);
  // First: as root, its user has to enter the folder of both.
  const postgres = await startPostgres(config);
  try {
    const embedded = process.env['TEMPORAL_ADDRESS'] === undefined ? await startTemporal(options) : undefined;
    try {
      await run(config, embedded ? settingsOf(embedded) : readTemporalSettings(), options, embedded);
    } finally {
      await embedded?.close();
    }
  } finally {
    await postgres?.close();
  }
}

/** The ledger's server, unless the configuration names one that somebody else runs. */
async function startPostgres({ ledger }: Config): Promise<EmbeddedPostgres | undefined> {
  if (ledger.kind !== 'embedded') return undefined;
  return await startEmbeddedPostgres({ directory: ledger.directory, report: toStderr });
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(
  config: Config,
  temporal: TemporalSettings,
  { json }: UpOptions,
  embedded: DevServer | undefined,
): Promise<void> {
  const client = createClient(temporal);
  const workerMetrics = config.metrics && { host: LOCAL, port: await freePort(LOCAL) };
  installTelemetry(createLogger('worker'), workerMetrics);
  const holdings = await prepareHoldings(config);
  try {
    await registerSearchAttributes(client);
    await keepSchedules(client, config);
    const more = workerMetrics && (() => metricsAt(workerMetrics));
    const gateway = await openFrontDoor(config, client, holdings.ledger, more);
    try {
      await work(config, temporal, 'all', holdings, () => {
        const where = {
          gateway: gateway.url,
          ...(embedded && { temporal: embedded.address, ui: embedded.uiUrl }),
        };
        if (json) sayJson({ event: 'ready', ...where });
        else
          say(
            Object.entries(where)
              .map(([name, url]) => `${name.padEnd(9)}${url}`)
              .join('\n'),
          );
      });
    } finally {
      await gateway.close();
    }
  } finally {
    await holdings.ledger.close();
    await client.connection.close();
  }
}

/** What the SDK serves of the worker, which the gateway's server passes on: the process has one address for its metrics. */
async function metricsAt({ host, port }: NonNullable<Config['metrics']>): Promise<string> {
  return await (await fetch(`http://${host}:${port}/metrics`)).text();
}

/** Keeps its history beside the configuration, so that running claims go on after a restart. */
async function startTemporal({ config, temporalPort, uiPort }: UpOptions): Promise<DevServer> {
  const folder = dirname(resolve(config ?? process.env['ARCHIVIST_CONFIG'] ?? 'archivist.yaml'));
  return await startDevServer({
    dbFilename: join(folder, 'data', 'temporal', 'temporal.db'),
    port: temporalPort,
    ui: true,
    uiPort,
    report: toStderr,
  });
}

function settingsOf({ address, namespace }: DevServer): TemporalSettings {
  return { connectionOptions: { address }, namespace };
}
