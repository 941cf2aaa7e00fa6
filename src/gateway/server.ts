import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import { startDrainer } from '../claims/drainer';
import { withTimeout } from '../claims/with-timeout';
import type { Config } from '../config/load-config';
import type { Ledger } from '../ledger/ledger';
import { createApp } from './http/app';
import { createCallers } from './http/callers';
import { CHECK_TIMEOUT } from './http/health';
import { createIntake } from './intake';
import type { GatewayMetrics } from './metrics';

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
   * Reports that it is no longer ready, and goes on serving for `gateway.drain`; then accepts no more connections,
   * answers open requests, waits for starts under way, gives the other rows back, and closes: within 8 seconds after that.
   */
  close(): Promise<void>;
}

/** Connections that may wait to be accepted: a burst of notifications comes on as many. */
const BACKLOG = 4_096;

/**
 * Milliseconds that the drainer has to end after the last answer. It takes longer only if the ledger is silent; then there is
 * nothing to wait for: the leases end by themselves.
 */
const LAST_WORK = 4_500;

/** Starts the gateway on the configured address, and the drainer of the queue with it. */
export async function startGateway(dependencies: GatewayDependencies): Promise<GatewayServer> {
  const { config, client, ledger, metrics, log } = dependencies;
  const { host, port, trustedProxies, tls, drain } = config.gateway;
  const deadlineMs = config.claim.deadline;
  let wakeDrainer = (): void => undefined;
  const intake = createIntake({ queue: ledger, client, deadlineMs, onQueued: () => wakeDrainer(), log });
  const callers = createCallers(config.tenants, ledger, log, dependencies.secretsRefresh);
  let isStopping = false;
  const checks = checksOf(client, ledger, log);
  const app = createApp({
    trustedProxies,
    tls,
    identify: callers.identify,
    intake,
    checks,
    isStopping: () => isStopping,
    metrics,
    log,
  });
  metrics.showLedger(ledger, [...config.tenants.keys()]);
  await callers.ready();
  const address = await app.listen({ host, port, backlog: BACKLOG });
  // Awaited at the end: if its client is closed, a call under way throws where nothing catches it.
  const firstCheck = checks.temporal().catch(() => undefined);
  const drainer = startDrainer({
    client,
    queue: ledger,
    tenants: [...config.tenants.keys()],
    deadlineMs,
    count: metrics.drained,
    log,
  });
  wakeDrainer = () => drainer.wake();
  return {
    // Fastify does not know that its server speaks TLS.
    url: tls ? address.replace('http:', 'https:') : address,
    async close() {
      isStopping = true;
      if (drain !== undefined) await sleep(drain);
      await app.close();
      callers.close();
      await withTimeout(LAST_WORK, Promise.all([drainer.stop(), firstCheck]));
    },
  };
}

function checksOf(client: Client, ledger: Ledger, log: FastifyBaseLogger) {
  const { namespace } = client.options;
  let problem: string | undefined;
  return {
    async temporal(): Promise<void> {
      try {
        await client.withDeadline(Date.now() + CHECK_TIMEOUT, () =>
          client.workflowService.describeNamespace({ namespace }),
        );
        problem = undefined;
      } catch (error) {
        const reason = isGrpcServiceError(error) ? REFUSALS[error.code] : undefined;
        if (reason !== undefined && reason !== problem) log.error({ namespace }, reason);
        problem = reason;
        throw error;
      }
    },
    ledger: () => ledger.ping(),
  };
}

/** What a person has to fix, by gRPC code. */
const REFUSALS: Readonly<Record<number, string>> = {
  5: 'Temporal has no such namespace: no claim can start. Is TEMPORAL_NAMESPACE right?',
  7: 'Temporal denies the access to the namespace: no claim can start',
  16: 'Temporal does not take the credentials: no claim can start',
};
