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

/** A client that connects when it is first used, so that a process can start while Temporal is down. */
export function createClient({ connectionOptions, namespace }: TemporalSettings): Client {
  return new Client({ connection: Connection.lazy(connectionOptions), namespace });
}
