import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config/load-config';
import type { Ledger } from '../ledger/ledger';
import { createApp } from './app';
import { configuredSecrets, keptSecrets } from './callback-secrets';
import { createClaimStarter } from './claim-starter';
import { startDrainer } from './drainer';
import { CHECK_DEADLINE } from './health';
import { createInbox } from './inbox';
import { createIntake } from './intake';
import type { GatewayMetrics } from './metrics';
import { createRush } from './rush';
import { createSecretRegister } from './secret-register';
import { TEMPO } from './tempo';
import { within } from './within';

export interface GatewayDependencies {
  readonly config: Config;
  readonly client: Client;
  readonly ledger: Ledger;
  readonly metrics: GatewayMetrics;
  readonly log: FastifyBaseLogger;
  /** Milliseconds after which the callback secrets of the ledger are read again; 5 seconds. */
  readonly secretsRefresh?: number;
}

export interface GatewayServer {
  /** `http://host:port` as it listens, or `https:`. */
  readonly url: string;
  /**
   * Says that it is not ready any more, and goes on for as long as `gateway.drain` says; then takes no more connections,
   * answers what it has, ends what it began for it, and closes: within 8 seconds after that.
   */
  close(): Promise<void>;
}

/** Connections that may wait to be accepted: a burst of notifications comes on as many. */
const BACKLOG = 4_096;

/**
 * Milliseconds that what was begun has to end after the last answer. It is longer only where the ledger is silent, and then
 * there is nothing to wait for: what is not removed from the inbox meets a duplicate.
 */
const LAST_WORK = 4_500;

/** Starts the gateway on the configured address. */
export async function startGateway(dependencies: GatewayDependencies): Promise<GatewayServer> {
  const { config, client, ledger, metrics, log } = dependencies;
  const { host, port, trustedProxies, tls, drain } = config.gateway;
  const starter = createClaimStarter(client, ledger, TEMPO.claims, log);
  const rush = createRush(TEMPO.rush);
  const intake = createIntake(starter, createInbox(ledger, log), rush);
  const secrets = createSecretRegister(
    configuredSecrets(config.tenants),
    keptSecrets(ledger),
    log,
    dependencies.secretsRefresh,
  );
  let isStopping = false;
  const app = createApp({
    tenants: config.tenants,
    trustedProxies,
    tls,
    secrets,
    intake,
    checks: checksOf(client, ledger),
    isStopping: () => isStopping,
    metrics,
    log,
  });
  metrics.showInbox(ledger);
  const address = await app.listen({ host, port, backlog: BACKLOG });
  const drainer = startDrainer({ inbox: ledger, starter, rush, count: metrics.drained, log });
  return {
    // Fastify does not know what its server speaks.
    url: tls ? address.replace('http:', 'https:') : address,
    async close() {
      isStopping = true;
      if (drain !== undefined) await sleep(drain);
      await app.close();
      secrets.close();
      await within(LAST_WORK, Promise.all([drainer.stop(), intake.ended()]));
    },
  };
}

function checksOf(client: Client, ledger: Ledger): Record<'temporal' | 'ledger', () => Promise<unknown>> {
  return {
    temporal: () =>
      client.withDeadline(Date.now() + CHECK_DEADLINE, () =>
        client.workflowService.describeNamespace({ namespace: client.options.namespace }),
      ),
    ledger: () => ledger.ping(),
  };
}
