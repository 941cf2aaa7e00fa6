import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { isFailureType, type FailureType } from '../domain/failures';

/** The named failure that an activity ended with; `undefined` for everything else, cancellation included. */
export function failureTypeOf(error: unknown): FailureType | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && isFailureType(cause.type) ? cause.type : undefined;
}

/** The failure a claim ends with: its type and message stand on the workflow itself, where people look first. */
export function endWith(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
