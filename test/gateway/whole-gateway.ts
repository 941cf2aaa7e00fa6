import type { Client } from '@temporalio/client';
import { createMetrics, type GatewayMetrics } from '../../src/gateway/metrics';
import { startGateway } from '../../src/gateway/server';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import type { Database } from '../../src/ledger/postgres';
import { createClient } from '../../src/temporal/connect';
import { openDatabase } from '../support/postgres';
import { testTemporal } from '../support/temporal';
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

/** The gateway with a Temporal namespace and a ledger of its own. No worker runs: what was started waits. */
export interface WholeGateway {
  readonly url: string;
  readonly port: number;
  readonly metrics: GatewayMetrics;
  /** Straight to the database, whatever is between it and the gateway. */
  readonly ledger: Ledger;
  /** Straight to Temporal, whatever is between it and the gateway. */
  readonly observer: Client;
  /** What it has logged, at its most talkative. */
  logged(): string;
  /** Starts another gateway with the same Temporal and ledger; it is closed with this one. @returns its URL */
  startAnother(): Promise<string>;
  close(): Promise<void>;
}

export async function startWholeGateway(options: WholeGatewayOptions = {}): Promise<WholeGateway> {
  const [temporal, database] = await Promise.all([testTemporal(), openDatabase()]);
  const address = (await options.behind?.(temporal.address)) ?? temporal.address;
  const client = createClient({ connectionOptions: { address }, namespace: temporal.namespace });
  const ledger = createLedger(options.over?.(database) ?? database);
  const metrics = createMetrics();
  const { log, text } = memoryLog();
  const config = gatewayConfig(options.tenants, {
    gateway: { host: '127.0.0.1', port: 0, ...options.listen },
  });
  const start = (counts: GatewayMetrics) => startGateway({ config, client, ledger, metrics: counts, log });
  const gateways = [await start(metrics)];
  const url = gateways[0]!.url;
  return {
    url,
    port: Number(new URL(url).port),
    metrics,
    ledger: createLedger(database),
    observer: temporal.client,
    logged: text,
    async startAnother() {
      const another = await start(createMetrics());
      gateways.push(another);
      return another.url;
    },
    async close() {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await ledger.close();
      await client.connection.close();
      await temporal.close();
    },
  };
}
