import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { errorCode } from '../domain/error-code';
import { ArchivistError, handlingOf, isRetryable, type FailureType } from '../domain/failures';
import { stackFrames } from '../domain/stack-frames';

/** Milliseconds after which a step whose API key is refused needs a person. */
const REFUSED_FOR_LONG_MS = 30 * 60_000;

/** Tells of a failure whether Temporal runs the activity again; it is given the activity's arguments, too. */
export type IsRetried<Args extends readonly unknown[] = readonly []> = (
  type: FailureType,
  ...args: Args
) => boolean;

/**
 * Wraps an activity so that only named failures leave it. The text of any other error stays behind: it may quote a body, a
 * URL or a person (`Unexpected token 'J', "Jane Doe…" is not valid JSON`).
 */
export function nameFailures<Args extends readonly unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  isRetried?: IsRetried<Args>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw failureFrom(error, (type) => (isRetried ? isRetried(type, ...args) : isRetryable(type)));
    }
  };
}

/**
 * As the table of failures says, but `retryThenAttention` is retried only while the step is young. Both times are the server's,
 * so that neither a worker's clock nor a long queue makes a step old.
 */
export function unlessRefusedForLong(type: FailureType): boolean {
  if (handlingOf(type) !== 'retryThenAttention') return isRetryable(type);
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs < REFUSED_FOR_LONG_MS;
}

function failureFrom(error: unknown, isRetried: IsRetried): Error {
  if (error instanceof CancelledFailure) return error;
  const { reason } = cancellationSignal() as { readonly reason: unknown };
  if (reason instanceof CancelledFailure) return reason;
  return error instanceof ArchivistError
    ? namedFailure(error, isRetried(error.type))
    : unexpectedFailure(error);
}

function namedFailure(
  { type, message, retryAfterMs, stack }: ArchivistError,
  isRetried: boolean,
): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type,
    message,
    nonRetryable: !isRetried,
    // The details repeat the delay for the workflow, which is not shown it.
    ...(retryAfterMs !== undefined && { nextRetryDelay: retryAfterMs, details: [retryAfterMs] }),
    ...(handlingOf(type) === 'poll' && { category: ApplicationFailureCategory.BENIGN }),
  });
  failure.stack = stack ?? message;
  return failure;
}

function unexpectedFailure(error: unknown): ApplicationFailure {
  const message = `${errorCode(error)} in ${activityInfo().activityType}.`;
  const frames = stackFrames(error).join('\n');
  log.error('An activity failed in a way that has no name', { message, frames });
  const failure = ApplicationFailure.create({ type: 'Unexpected', message });
  failure.stack = `${message}\n${frames}`;
  return failure;
}
