import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { errorCode, stackFrames } from '../domain/error-code';
import { ArchivistError, handlingOf, isRetryable } from '../domain/failures';

/** Milliseconds after which a step needs a person if the platform keeps refusing its API key or its file. */
const REFUSED_FOR_LONG_MS = 30 * 60_000;

/**
 * Wraps an activity so that only named failures leave it. The text of any other error is dropped: it may quote a body, a
 * URL or a person (`Unexpected token 'J', "Jane Doe…" is not valid JSON`).
 *
 * Temporal retries the activity as the table of failures says. It retries `retryThenAttention` only while the step is young, or
 * if `isPatient` returns true for its arguments.
 */
export function nameFailures<Args extends readonly unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  isPatient: (...args: Args) => boolean = () => false,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw failureFrom(error, () => isPatient(...args));
    }
  };
}

function failureFrom(error: unknown, isPatient: () => boolean): Error {
  if (error instanceof CancelledFailure) return error;
  const { reason } = cancellationSignal() as { readonly reason: unknown };
  if (reason instanceof CancelledFailure) return reason;
  if (!(error instanceof ArchivistError)) return unexpectedFailure(error);
  const { type, message, retryAfterMs, stack } = error;
  const handling = handlingOf(type);
  const needsPerson = handling === 'retryThenAttention' && !isPatient() && hasTriedForLong();
  const failure = ApplicationFailure.create({
    type,
    message,
    nonRetryable: needsPerson || !isRetryable(type),
    // The workflow cannot see `nextRetryDelay`, so the details repeat it.
    ...(retryAfterMs !== undefined && { nextRetryDelay: retryAfterMs, details: [retryAfterMs] }),
    ...(handling === 'poll' && { category: ApplicationFailureCategory.BENIGN }),
  });
  failure.stack = stack ?? message;
  return failure;
}

/** Both times come from the Temporal server, so that neither a worker's clock nor a long queue makes a step look old. */
function hasTriedForLong(): boolean {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs >= REFUSED_FOR_LONG_MS;
}

function unexpectedFailure(error: unknown): ApplicationFailure {
  const message = `${errorCode(error)} in ${activityInfo().activityType}.`;
  const frames = stackFrames(error).join('\n');
  log.error('An activity failed in a way that has no name', { message, frames });
  const failure = ApplicationFailure.create({ type: 'Unexpected', message });
  failure.stack = `${message}\n${frames}`;
  return failure;
}
