import { ActivityFailure, isCancellation, sleep, type ActivityOptions } from '@temporalio/workflow';
import { handlingOfFailure, isPassing, pauseAskedBy } from './failure-type';

/** Copies that are thrown away, and records that are no longer true at the download, before a person is asked. */
const MOST = { downloadAgain: 3, startOver: 10 } as const;

/** Does what `attempt` does, from its beginning again if a copy is not right or the record is no longer what it was. */
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
 * Does what `attempt` does: once at first, and, if that fails in a way that may pass, without end. Temporal's own retry does not tell
 * a workflow that it tries again. `onDelay` is called when the step may take long.
 */
export async function onceThenPatiently<Result>(
  attempt: (tries: Pick<ActivityOptions, 'retry'>) => Promise<Result>,
  onDelay: () => void,
): Promise<Result> {
  try {
    return await attempt({ retry: { maximumAttempts: 1 } });
  } catch (error) {
    if (!isPassing(error)) throw error;
    onDelay();
    await sleep(pauseAskedBy(error) ?? 1_000, { summary: 'Pause before the next try' });
    return await attempt({});
  }
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
