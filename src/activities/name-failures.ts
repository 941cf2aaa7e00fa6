import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { errorCode } from '../domain/error-code';
import { ArchivistError, handlingOf, isRetryable, type FailureType } from '../domain/failures';
import { stackFrames } from '../domain/stack-frames';

/**
 * Wraps an activity so that only named failures leave it. The text of any other error stays behind: it may quote a body, a
 * URL or a person (`Unexpected token 'J', "Jane Doe…" is not valid JSON`). `isRetried` tells of a failure whether Temporal runs
 * the activity again.
 */
export function nameFailures<Args extends readonly unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  isRetried: (type: FailureType) => boolean = isRetryable,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw failureFrom(error, isRetried);
    }
  };
}

function failureFrom(error: unknown, isRetried: (type: FailureType) => boolean): Error {
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
    // The details say it again, for a workflow that decides on the next try: it is not shown the delay.
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
