import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  sleep,
  type ActivityOptions,
} from '@temporalio/workflow';
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

/** How an activity's failure is handled; `undefined` for everything else, cancellation included. */
export function handlingOfFailure(error: unknown): Handling | undefined {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return undefined;
  return handlingOf(failureTypeOf(error) ?? 'Unexpected');
}

/** The failure that a workflow ends with: its type and message stand on the workflow itself, where people look first. */
export function endWith(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/** Turns a step's named failure into one of the workflow itself. Returns every other error, cancellation included, unchanged. */
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

/** The number of bad copies, and of records that are outdated at the download, at which a person is asked. */
const MOST = { downloadAgain: 3, startOver: 10 } as const;

/** Runs `attempt`, and runs it again if a copy is bad or the record has changed. */
export async function againFromTheRecord<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const tries = { downloadAgain: 0, startOver: 0 };
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const handling = handlingOfFailure(error);
      if (handling !== 'downloadAgain' && handling !== 'startOver') throw error;
      tries[handling] += 1;
      if (tries[handling] >= MOST[handling]) throw error;
    }
  }
}

/**
 * Runs `attempt` once without retries; if it fails transiently, runs it again with unlimited retries. Temporal does not
 * tell a workflow that it retries an activity; `onDelay` is called before the retries, when the step may take long.
 */
export async function onceThenPatiently<Result>(
  attempt: (tries: Pick<ActivityOptions, 'retry'>) => Promise<Result>,
  onDelay: () => void,
): Promise<Result> {
  try {
    return await attempt({ retry: { maximumAttempts: 1 } });
  } catch (error) {
    // Transient failures, timeouts included.
    const isPassing =
      handlingOfFailure(error) !== undefined && isRetryable(failureTypeOf(error) ?? 'Unexpected');
    if (!isPassing) throw error;
    onDelay();
    await sleep(pauseAskedBy(error) ?? 1_000, { summary: 'Pause before the next try' });
    return await attempt({});
  }
}

/** Milliseconds that an activity's failure asks to wait before the next try; `undefined` if it does not. */
function pauseAskedBy(error: unknown): number | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const [pause] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return typeof pause === 'number' && pause > 0 ? pause : undefined;
}

/** The result of a step that the workflow does not depend on; `undefined` if it failed for good. */
export async function unlessItFails<Result>(step: Promise<Result>): Promise<Result | undefined> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return undefined;
  }
}
