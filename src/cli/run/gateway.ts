import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { createMetrics, startMetricsServer } from '../../gateway/metrics';
import { startGateway, type GatewayServer } from '../../gateway/server';
import type { Ledger } from '../../ledger/ledger';
import { endWithParent, untilStopped } from '../../processes/child';
import { createClient } from '../../temporal/connect';
import { createLogger, say, sayJson } from '../output';
import { openLedger } from '../open';
import { configuredCommand, portArgument, type CommonOptions } from '../options';
import { readTemporalSettings } from '../with-temporal';

interface GatewayOptions extends CommonOptions {
  readonly port?: number;
}

export function gatewayCommand(): Command {
  return configuredCommand('gateway', "take the platform's notifications in and start claims")
    .option('--port <port>', "port to listen on, in place of the configuration's", portArgument)
    .action(gateway);
}

async function gateway({ config: file, port, json }: GatewayOptions): Promise<void> {
  endWithParent();
  const config = loadConfig(file);
  const ledger = await openLedger(config);
  try {
    const server = await openGateway(withPort(config, port), ledger);
    if (json) sayJson({ event: 'ready', gateway: server.url });
    else say(`The gateway listens on ${server.url}.`);
    await untilStopped();
    await server.close();
  } finally {
    await ledger.close();
  }
}

function withPort(config: Config, port: number | undefined): Config {
  return port === undefined ? config : { ...config, gateway: { ...config.gateway, port } };
}

/** Starts the gateway and, if the configuration says so, serves its metrics; to the last, so that its end can be watched. */
async function openGateway(config: Config, ledger: Ledger): Promise<GatewayServer> {
  const client = createClient(readTemporalSettings());
  const metrics = createMetrics();
  const metricsServer = config.metrics && (await startMetricsServer(config.metrics, metrics.registry));
  const closeOthers = async (): Promise<void> => {
    await metricsServer?.close();
    await client.connection.close();
  };
  try {
    const log = createLogger('gateway');
    const gateway = await startGateway({ config, client, ledger, metrics, log });
    return { url: gateway.url, close: () => gateway.close().finally(closeOthers) };
  } catch (error) {
    await closeOthers();
    throw error;
  }
}
