import { Option, type Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { createPlatforms } from '../../platform/create-platform';
import { endWithParent, untilStopped } from '../../processes/child';
import { requireSearchAttributes } from '../../temporal/register-search-attributes';
import { composeActivities } from '../../worker/compose';
import { ROLES, startWorker, type Role } from '../../worker/start-worker';
import { installTelemetry } from '../../worker/telemetry';
import { createLogger, print } from '../output';
import { openStorage } from '../open';
import { configuredCommand, portArgument, type CommonOptions } from '../options';
import { ANSWER_MS, readTemporalSettings, withTemporal } from '../with-temporal';

interface WorkerOptions extends CommonOptions {
  readonly role: Role;
  readonly metricsPort?: number;
}

export function workerCommand(): Command {
  return configuredCommand('worker', 'carry claims out')
    .addOption(
      new Option('--role <role>', 'decide (orchestrator), move bytes (transfer), or both')
        .choices(ROLES)
        .default('all'),
    )
    .option('--metrics-port <port>', "port of its metrics, in place of the configuration's", portArgument)
    .action(worker);
}

async function worker({ config: file, json, role, metricsPort }: WorkerOptions): Promise<void> {
  endWithParent();
  const config = loadConfig(file);
  installTelemetry(createLogger('worker'), metricsOf(config, metricsPort));
  const storage = await openStorage(config);
  const platforms = createPlatforms(config.tenants);
  try {
    const temporal = readTemporalSettings();
    await withTemporal(requireSearchAttributes, { settings: temporal, limitMs: ANSWER_MS });
    const activities = composeActivities(config, { ...storage, platformOf: platforms.platformOf });
    const running = await startWorker(temporal, role, activities);
    print({ json }, { event: 'ready', role }, `The worker (${role}) has begun.`);
    void untilStopped().then(() => running.shutdown());
    await running.stopped;
  } finally {
    await platforms.close();
    await storage.ledger.close();
  }
}

function metricsOf({ metrics }: Config, port: number | undefined): Config['metrics'] {
  return metrics && port !== undefined ? { ...metrics, port } : metrics;
}
