import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Where Temporal is and how to get in, from `TEMPORAL_*` or a profile of `temporal.toml`. */
export interface TemporalSettings {
  readonly connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  readonly namespace: string;
}

export function temporalSettings(): TemporalSettings {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return { connectionOptions, namespace: namespace ?? 'default' };
}

/** Milliseconds between two tries to reach a server that went away; without this, up to two minutes. */
const RECONNECTING = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** A client that connects when it is first used, so that a process can start while Temporal is down. */
export function createClient({ connectionOptions, namespace }: TemporalSettings): Client {
  const connection = Connection.lazy({ ...connectionOptions, channelArgs: RECONNECTING });
  return new Client({ connection, namespace });
}
