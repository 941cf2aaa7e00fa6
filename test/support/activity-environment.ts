import { randomUUID } from 'node:crypto';
import { defaultActivityInfo, MockActivityEnvironment } from '@temporalio/testing';
import type { Info } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';

let latest = 0;

/**
 * Where an activity runs without Temporal, and without a log of the failures that a test means to cause. As with Temporal, an
 * attempt is scheduled later than all before it; it belongs to a run of its own unless `runId` says otherwise.
 */
export function activityEnvironment(
  attempt = 1,
  { runId = randomUUID(), ...info }: Partial<Info> & { readonly runId?: string } = {},
): MockActivityEnvironment {
  latest = Math.max(latest + 1, Date.now());
  const scheduled = {
    scheduledTimestampMs: latest,
    currentAttemptScheduledTimestampMs: latest,
    workflowExecution: { workflowId: 'test', runId },
  };
  return new MockActivityEnvironment(
    { ...defaultActivityInfo, attempt, ...scheduled, ...info },
    { logger: new DefaultLogger('ERROR', () => undefined) },
  );
}
