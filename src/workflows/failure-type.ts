import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { FAILURES, isFailureType, isRetryable, type FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { ClaimState } from '../domain/states';

/** The named failure that an activity ended with; `undefined` for everything else, cancellation included. */
export function failureTypeOf(error: unknown): FailureType | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && isFailureType(cause.type) ? cause.type : undefined;
}

/** Whether a step that is tried but once failed in a way that another try may mend, a timeout included. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return false;
  const type = failureTypeOf(error);
  return type === undefined || isRetryable(type);
}

/** Milliseconds that an activity's failure asks to wait before the next try; 0 where it does not. */
export function pauseAskedBy(error: unknown): number {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const [pause] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return typeof pause === 'number' ? pause : 0;
}

/** The failure a claim ends with: its type and message stand on the workflow itself, where people look first. */
export function endWith(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/** What is said of a claim that ends with `type`, in the state `before`. */
export function endingOf({ tenant, archiveId }: ArchiveKey, type: FailureType, before: ClaimState): string {
  const name = `Archive ${archiveId} of ${tenant}`;
  if (type === 'ArchiveMissed') return `${name} expired on the platform before there was a copy.`;
  if (type === 'DeadlineExceeded') return `${name} was still ${before} at the claim's deadline.`;
  if (type === 'GivenUp') return `${name} was given up while it was ${before}.`;
  return `${name} was not claimed. ${FAILURES[type].meaning}`;
}

/** What a step ended the workflow with, on the workflow itself, where people look first. */
export function onItsOwn(error: unknown): unknown {
  const type = failureTypeOf(error);
  return type !== undefined && error instanceof ActivityFailure
    ? endWith(type, error.cause?.message ?? error.message)
    : error;
}
