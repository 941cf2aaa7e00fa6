import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** What gRPC says of a call that failed: its status code, and the server's own words. */
export interface GrpcError {
  readonly code: number;
  readonly details: string;
}

/** What gRPC said, which the client wraps in an error of its own; `undefined` for an error of another kind. */
export function grpcErrorIn(error: unknown): GrpcError | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : undefined;
}

/** Codes of gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const SILENCE: readonly unknown[] = [4, 8, 14];

/** Whether Temporal did not answer, or has too much to do; it may have done all the same what it was asked for. */
export function isSilence(error: unknown): boolean {
  return SILENCE.includes(grpcErrorIn(error)?.code);
}
