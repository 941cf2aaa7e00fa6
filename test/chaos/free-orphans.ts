import { hostname } from 'node:os';
import { ApplicationFailure } from '@temporalio/common';
import type { PlannedArchive } from './plan/planned';
import { TENANT } from './site/platform';
import type { Site } from './site/site';

/** `temporal.api.enums.v1.PendingActivityState` */
const STARTED = 2;

/**
 * Does at once what Temporal does by itself within two minutes of a worker's death: what the worker had begun counts as failed,
 * and is tried again. Nothing that a living worker does is touched.
 */
export async function freeOrphans(
  { fleet, temporal }: Site,
  archives: Iterable<PlannedArchive>,
): Promise<void> {
  const living = fleet.map(({ pid }) => `${pid}@${hostname()}`);
  for (const { archiveId } of archives) {
    const workflowId = `claim:${TENANT}:${archiveId}`;
    const { raw, status } = await temporal.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') continue;
    for (const { activityId, state, lastWorkerIdentity } of raw.pendingActivities ?? []) {
      const isOrphan = Number(state) === STARTED && !living.includes(lastWorkerIdentity ?? '');
      if (!isOrphan || !activityId) continue;
      const failure = ApplicationFailure.retryable('Its worker was killed.', 'WorkerKilled');
      await temporal.activity.fail({ workflowId, activityId }, failure);
    }
  }
}
