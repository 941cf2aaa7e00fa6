import type { Client } from '@temporalio/client';
import type { Config } from '../config/load-config';
import { createMetrics } from '../gateway/metrics';
import { startMetricsServer, type MetricsServer } from '../gateway/metrics-server';
import { startGateway, type GatewayServer } from '../gateway/server';
import type { Ledger } from '../ledger/ledger';
import { createLogger } from './logger';

/**
 * Starts the gateway and, where the configuration says so, serves its metrics.
 * @param more metrics that the same process has besides; they are served at the same address
 */
export async function openFrontDoor(
  config: Config,
  client: Client,
  ledger: Ledger,
  more?: () => Promise<string>,
): Promise<GatewayServer> {
  const metrics = createMetrics();
  const metricsServer = config.metrics && (await startMetricsServer(config.metrics, metrics.registry, more));
  try {
    const log = createLogger('gateway');
    const gateway = await startGateway({ config, client, ledger, metrics, log });
    return { url: gateway.url, close: () => closeBoth(gateway, metricsServer) };
  } catch (error) {
    await metricsServer?.close();
    throw error;
  }
}

/** The metrics to the last, so that the end can be watched. */
async function closeBoth(gateway: GatewayServer, metricsServer: MetricsServer | undefined): Promise<void> {
  await gateway.close();
  await metricsServer?.close();
}
