import type { Command } from 'commander';
import { loadConfig, type Config } from '../../config/load-config';
import { createMetrics, startMetricsServer } from '../../gateway/metrics';
import { startGateway } from '../../gateway/server';
import { endWithParent, shutdownRequested } from '../../processes/child';
import { createClient } from '../../temporal/connect';
import { createLogger, print } from '../output';
import { askLedger } from '../open';
import { configuredCommand, portArgument, type CommonOptions } from '../options';
import { readTemporalSettings } from '../with-temporal';
import { listening, placeOf } from './listening';

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
  const config = withPort(loadConfig(file), port);
  const client = createClient(readTemporalSettings());
  const metrics = createMetrics();
  await askLedger(config, async (ledger) => {
    let metricsServer: { close(): Promise<void> } | undefined;
    try {
      const { metrics: address } = config;
      if (address)
        metricsServer = await listening(placeOf('metrics', address), () =>
          startMetricsServer(address, metrics.registry),
        );
      const log = createLogger('gateway');
      const server = await listening(placeOf('gateway', config.gateway), () =>
        startGateway({ config, client, ledger, metrics, log }),
      );
      print({ json }, { event: 'ready', gateway: server.url }, `The gateway listens on ${server.url}.`);
      await shutdownRequested();
      await server.close();
    } finally {
      // The metrics server closes last, so that the gateway's shutdown can be monitored.
      await metricsServer?.close();
      await client.connection.close();
    }
  });
}

function withPort(config: Config, port: number | undefined): Config {
  return port === undefined ? config : { ...config, gateway: { ...config.gateway, port } };
}
