import type { Client } from '@temporalio/client';
import { createMetrics, type GatewayMetrics } from '../../src/gateway/metrics';
import { startGateway } from '../../src/gateway/server';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Database } from '../../src/ledger/database';
import type { Ledger } from '../../src/ledger/ledger';
import { createClient } from '../../src/temporal/connect';
import { openDatabase } from '../support/postgres';
import { startTemporal } from '../support/temporal';
import { gatewayConfig, memoryLog } from './gateway';

export interface WholeGatewayOptions {
  readonly tenants?: object;
  /** Keys of `gateway` in the configuration. */
  readonly listen?: object;
  /** Puts something between the gateway and its database. */
  readonly over?: (database: Database) => Database;
  /** Puts something between the gateway and Temporal. @returns the address that the gateway gets */
  readonly behind?: (temporal: string) => Promise<string>;
}

/** The gateway with a Temporal and a ledger of its own. No worker runs: what was started waits. */
export interface WholeGateway {
  readonly url: string;
  readonly port: number;
  readonly metrics: GatewayMetrics;
  readonly ledger: Ledger;
  /** Straight to Temporal, whatever is between it and the gateway. */
  readonly observer: Client;
  /** What it has logged, at its most talkative. */
  logged(): string;
  close(): Promise<void>;
}

export async function startWholeGateway(options: WholeGatewayOptions = {}): Promise<WholeGateway> {
  const [temporal, database] = await Promise.all([startTemporal(), openDatabase()]);
  const observer = clientOf(temporal.address);
  const client = clientOf((await options.behind?.(temporal.address)) ?? temporal.address);
  const ledger = createLedger(options.over?.(database) ?? database);
  const metrics = createMetrics();
  const { log, text } = memoryLog();
  const config = gatewayConfig(options.tenants, {
    gateway: { host: '127.0.0.1', port: 0, ...options.listen },
  });
  const gateway = await startGateway({ config, client, ledger, metrics, log });
  return {
    url: gateway.url,
    port: Number(new URL(gateway.url).port),
    metrics,
    ledger,
    observer,
    logged: text,
    async close() {
      await gateway.close();
      await ledger.close();
      await Promise.all([client, observer].map(({ connection }) => connection.close()));
      await temporal.close();
    },
  };
}

function clientOf(address: string): Client {
  return createClient({ connectionOptions: { address }, namespace: 'default' });
}
