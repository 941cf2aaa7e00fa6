import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { DECIDED_FAILURES, type DecidedEnd } from '../domain/claim';
import { handlingOf, isFailureType, isRetryable, type FailureType } from '../domain/failures';
import type { Handling } from '../domain/handling';
import { nameOf, type ArchiveKey } from '../domain/ids';
import type { ClaimState } from '../domain/states';

/** The named failure that an activity ended with; `undefined` for everything else, cancellation included. */
export function failureTypeOf(error: unknown): FailureType | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && isFailureType(cause.type) ? cause.type : undefined;
}

/** What is done about an activity's failure; `undefined` for everything else, cancellation included. */
export function handlingOfFailure(error: unknown): Handling | undefined {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return undefined;
  return handlingOf(failureTypeOf(error) ?? 'Unexpected');
}

/** Whether a step that is tried only once failed in a way that another try may mend, a timeout included. */
export function isPassing(error: unknown): boolean {
  return handlingOfFailure(error) !== undefined && isRetryable(failureTypeOf(error) ?? 'Unexpected');
}

/** Milliseconds that an activity's failure asks to wait before the next try; `undefined` if it does not. */
export function pauseAskedBy(error: unknown): number | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const [pause] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return typeof pause === 'number' && pause > 0 ? pause : undefined;
}

/** The failure that a workflow ends with: its type and message stand on the workflow itself, where people look first. */
export function endWith(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/** What a step ended the workflow with, on the workflow itself. Everything else, cancellation included, stays as it is. */
export function onItsOwn(error: unknown): unknown {
  const type = failureTypeOf(error);
  return type !== undefined && error instanceof ActivityFailure
    ? endWith(type, error.cause?.message ?? error.message)
    : error;
}

/** The failure with which a decision ends a claim that was in `state`. */
export function decidedEnd(key: ArchiveKey, decision: DecidedEnd, state: ClaimState): ApplicationFailure {
  const message = `The claim of ${nameOf(key)} was still ${state} when ${DECIDED[decision]}. To claim it after all: \`archivist claim ${key.archiveId}\`.`;
  return endWith(DECIDED_FAILURES[decision], message);
}

const DECIDED: Readonly<Record<DecidedEnd, string>> = {
  giveUp: 'a person gave it up',
  cancelled: 'it was cancelled',
  deadline: 'its deadline came',
};
