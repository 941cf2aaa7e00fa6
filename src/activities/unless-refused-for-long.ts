import { activityInfo } from '@temporalio/activity';
import { handlingOf, isRetryable, type FailureType } from '../domain/failures';

/** Milliseconds after which a step that is refused is a person's business. */
const LONG = 30 * 60_000;

/**
 * Whether Temporal runs the step again: as the table of failures says, but for `retryThenAttention` only as long as the step
 * is young. Both times are the server's, so that neither a worker's clock nor a queue that is long makes a step old.
 */
export function unlessRefusedForLong(type: FailureType): boolean {
  if (handlingOf(type) !== 'retryThenAttention') return isRetryable(type);
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs < LONG;
}
