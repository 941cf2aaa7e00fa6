import { hostname } from 'node:os';
import { Option, type Command } from 'commander';
import { expiryTerms } from '../../activities/claim/facts';
import { createActivities, createSubscriptionActivities } from '../../activities/create-activities';
import { createListReader } from '../../activities/reconciliation/list-reader';
import { loadConfig, type Config } from '../../config/load-config';
import type { PlatformOf } from '../../platform/create-platform';
import { endWithParent, shutdownRequested } from '../../processes/child';
import { forAdministrator, requireSearchAttributes } from '../../temporal/register-search-attributes';
import { installTelemetry, ROLES, startWorker, type Role } from '../../worker/start-worker';
import { createLogger, print } from '../output';
import { withPlatforms, withStorage, type Storage } from '../open';
import { configuredCommand, portArgument, type CommonOptions } from '../options';
import { ANSWER_MS, readTemporalSettings, withTemporal } from '../with-temporal';
import { freeAddress } from './listening';

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
  const log = createLogger('worker');
  installTelemetry(log, await metricsAddress(config, metricsPort));
  await withStorage(config, (storage) =>
    withPlatforms(config, async (platformOf) => {
      await withTemporal(
        async (client) => {
          if (!(await requireSearchAttributes(client))) log.warn(forAdministrator(client, 'unknown'));
        },
        { limitMs: ANSWER_MS },
      );
      const activities = composeActivities(config, { ...storage, platformOf });
      const running = await startWorker(readTemporalSettings(), role, activities);
      print({ json }, { event: 'ready', role }, `The worker (${role}) has begun.`);
      void shutdownRequested().then(() => running.shutdown());
      await running.stopped;
    }),
  );
}

async function metricsAddress({ metrics }: Config, port = metrics?.port): Promise<string | undefined> {
  return metrics && port !== undefined ? await freeAddress({ host: metrics.host, port }) : undefined;
}

/** All activities, by the configuration. One composition per process, so that they share the readings of the platforms' lists. */
export function composeActivities(
  { claim, expiry, gateway, tenants }: Config,
  resources: Storage & { readonly platformOf: PlatformOf },
): object {
  const workerId = `${process.pid}@${hostname()}`;
  const shared = { ...resources, workerId, expiry: expiryTerms(expiry) };
  return {
    ...createActivities({ ...shared, settings: claim, lists: createListReader(shared) }),
    ...createSubscriptionActivities({ ...resources, callbacks: { publicUrl: gateway.publicUrl, tenants } }),
  };
}
