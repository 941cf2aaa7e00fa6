import { Option, type Command } from 'commander';
import { createPlatforms } from '../platform/create-platform';
import { loadConfig, type Config } from '../config/load-config';
import type { TemporalSettings } from '../temporal/connect';
import { requireSearchAttributes } from '../temporal/register-search-attributes';
import { ROLES, startWorker, type Role } from '../worker/start-worker';
import { installTelemetry } from '../worker/telemetry';
import { createLogger } from './logger';
import { configuredCommand, type CommonOptions } from './options';
import { say, sayJson } from './output';
import { openHoldings, type Holdings } from './prepare';
import { untilStopped } from './until-stopped';
import { askTemporal, readTemporalSettings } from './with-temporal';

interface WorkerOptions extends CommonOptions {
  readonly role: Role;
}

export function workerCommand(): Command {
  return configuredCommand('worker', 'carry claims out')
    .addOption(
      new Option('--role <role>', 'decide (orchestrator), move bytes (transfer), or both')
        .choices(ROLES)
        .default('all'),
    )
    .action(worker);
}

async function worker({ config: file, json, role }: WorkerOptions): Promise<void> {
  const config = loadConfig(file);
  installTelemetry(createLogger('worker'), config.metrics);
  const temporal = readTemporalSettings();
  const holdings = await openHoldings(config);
  try {
    await askTemporal(requireSearchAttributes, temporal);
    await work(config, temporal, role, holdings, () => {
      if (json) sayJson({ event: 'ready', role });
      else say(`The worker (${role}) has begun.`);
    });
  } finally {
    await holdings.ledger.close();
  }
}

/** Works until the process is told to stop, or the worker fails. */
export async function work(
  config: Config,
  temporal: TemporalSettings,
  role: Role,
  holdings: Holdings,
  ready: () => void,
): Promise<void> {
  const platforms = createPlatforms(config.tenants);
  const dependencies = {
    ...holdings,
    platformOf: platforms.platformOf,
    settings: config.claim,
    expiry: config.expiry,
    callbacks: { publicUrl: config.gateway.publicUrl, tenants: config.tenants },
  };
  const running = await startWorker(temporal, role, dependencies);
  // Before anybody may take it for ready, and stop it.
  void untilStopped().then(() => running.shutdown());
  ready();
  await running.stopped;
  await platforms.close();
}
