import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';

/** Temporal's address, credentials and namespace, from `TEMPORAL_*` or a profile of `temporal.toml`. */
export interface TemporalSettings {
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  readonly namespace: string;
}

/**
 * Milliseconds between two attempts to reconnect; without this, up to two minutes. A gateway whose ledger is unavailable,
 * too, answers the platform after 2.6 s: it must try several times until then.
 */
const RECONNECTING = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 };

/** Without this, gRPC uses the proxy of `grpc_proxy`, `https_proxy` or `http_proxy` even for an address of this machine. */
const WITHOUT_PROXY = { 'grpc.enable_http_proxy': 0 } as const;

/** Whether an address is one of this machine, like the client's default. */
function isHere(address = 'localhost'): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(address);
}

/** A client that connects when it is first used, so that a process can start while Temporal is down. */
export function createClient({ connectionOptions, namespace }: TemporalSettings): Client {
  const channelArgs = { ...RECONNECTING, ...(isHere(connectionOptions.address) && WITHOUT_PROXY) };
  const connection = Connection.lazy({ ...connectionOptions, channelArgs });
  return new Client({ connection, namespace });
}

/** The gRPC error, with status code and server's message, that the client wraps in its own; `undefined` for any other error. */
export function grpcErrorIn(error: unknown) {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : undefined;
}

/** gRPC codes: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const SILENCE: readonly unknown[] = [4, 8, 14];

/** Whether Temporal did not answer, or is overloaded; it may have executed the request all the same. */
export function isSilence(error: unknown): boolean {
  return SILENCE.includes(grpcErrorIn(error)?.code);
}
