import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities/create-activities';
import { CLAIM_ARCHIVE } from '../../src/domain/claim';
import type { ArchiveKey } from '../../src/domain/ids';

/** How one try of a step ended that did not succeed. */
export interface StepFailure {
  readonly step: string;
  readonly type: string;
  /** For whoever reads of a failure that was not expected. */
  readonly message?: string;
  /** What the next try has to wait for, at least. */
  readonly waitMs?: number;
}

/** The activities as they are; what they fail with in a claim is written down, by archive, but for what is cancelled. */
export function written(activities: Activities, failures: ReadonlyMap<string, StepFailure[]>): Activities {
  const each = Object.entries(activities).map(([step, activity]) => {
    const run = activity as (key: ArchiveKey, ...rest: unknown[]) => Promise<unknown>;
    return [step, noting(step, run, failures)];
  });
  return Object.fromEntries(each) as Activities;
}

function noting(
  step: string,
  run: (key: ArchiveKey, ...rest: unknown[]) => Promise<unknown>,
  failures: ReadonlyMap<string, StepFailure[]>,
): typeof run {
  return async (key, ...rest) => {
    try {
      return await run(key, ...rest);
    } catch (error) {
      const isOfClaim = activityInfo().workflowType === CLAIM_ARCHIVE;
      if (isOfClaim && !cancellationSignal().aborted)
        failures.get(key.archiveId)?.push(failureOf(step, error));
      throw error;
    }
  };
}

function failureOf(step: string, error: unknown): StepFailure {
  if (!(error instanceof ApplicationFailure)) return { step, type: 'no failure with a name' };
  const { type, message, nextRetryDelay } = error;
  return {
    step,
    type: type ?? 'no type',
    message,
    ...(typeof nextRetryDelay === 'number' && { waitMs: nextRetryDelay }),
  };
}
