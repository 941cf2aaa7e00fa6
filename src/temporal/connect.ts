import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';

/** Where Temporal is and how to get in, from `TEMPORAL_*` or a profile of `temporal.toml`. */
export interface TemporalSettings {
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  readonly namespace: string;
}

/**
 * Milliseconds between two tries to reach a server that went away; without this, up to two minutes. A gateway whose ledger is away,
 * too, answers the platform after 2.6 s: it must try several times until then.
 */
const RECONNECTING = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 };

/** Without this, gRPC asks the proxy that `grpc_proxy`, `https_proxy` or `http_proxy` names, also for an address of this machine. */
const WITHOUT_PROXY = { 'grpc.enable_http_proxy': 0 } as const;

/** Whether an address is one of this machine; so is the client's default. */
function isHere(address = 'localhost'): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(address);
}

/** A client that connects when it is first used, so that a process can start while Temporal is down. */
export function createClient({ connectionOptions, namespace }: TemporalSettings): Client {
  const channelArgs = { ...RECONNECTING, ...(isHere(connectionOptions.address) && WITHOUT_PROXY) };
  const connection = Connection.lazy({ ...connectionOptions, channelArgs });
  return new Client({ connection, namespace });
}

/** The status code of a call that failed, and the server's own words, which the client wraps in an error of its own; `undefined` for an error of another kind. */
export function grpcErrorIn(error: unknown) {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : undefined;
}

/** Codes of gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const SILENCE: readonly unknown[] = [4, 8, 14];

/** Whether Temporal did not answer, or has too much to do; it may have done all the same what it was asked for. */
export function isSilence(error: unknown): boolean {
  return SILENCE.includes(grpcErrorIn(error)?.code);
}
