import type { Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config/load-config';
import type { Ledger } from '../ledger/ledger';
import { createApp } from './app';
import { CHECK_DEADLINE } from './health';
import { createIntake } from './intake';

export interface GatewayServer {
  /** `http://host:port` as it listens. */
  readonly url: string;
  /** Stops taking requests, answers those it has within a bound, and closes. */
  close(): Promise<void>;
}

/** Milliseconds that requests in flight have to end after a stop began. */
const DRAIN = 3_000;

/** Starts the gateway on the configured address. */
export async function startGateway(
  config: Config,
  client: Client,
  ledger: Ledger,
  log: FastifyBaseLogger,
): Promise<GatewayServer> {
  const app = createApp({
    tenants: config.tenants,
    trustedProxies: config.gateway.trustedProxies,
    intake: createIntake(client, ledger, log),
    checks: {
      temporal: () =>
        client.withDeadline(Date.now() + CHECK_DEADLINE, () =>
          client.workflowService.describeNamespace({ namespace: client.options.namespace }),
        ),
      ledger: () => ledger.ping(),
    },
    log,
  });
  const { host, port } = config.gateway;
  const url = await app.listen({ host, port });
  return {
    url,
    async close() {
      // A half-sent request would hold the close for ever.
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN);
      await app.close();
      clearTimeout(cut);
    },
  };
}
