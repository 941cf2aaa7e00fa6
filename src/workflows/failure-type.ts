import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { isFailureType, isRetryable, type FailureType } from '../domain/failures';

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

/** The failure a claim ends with: its type and message stand on the workflow itself, where people look first. */
export function endWith(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
