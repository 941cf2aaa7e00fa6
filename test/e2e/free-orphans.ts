import { ApplicationFailure } from '@temporalio/common';
import { claimOf, type TemporalSite } from './temporal-site';

/** `temporal.api.enums.v1.PendingActivityState` */
const STARTED = 2;

/**
 * Does at once what Temporal does by itself some time after a worker was killed: what the worker had begun counts as failed and
 * is tried again (the timeout of an activity, up to two minutes), and the claims it had in its cache go to any worker (ten
 * seconds). To be called while no worker runs.
 */
export async function freeOrphans(site: TemporalSite, archiveIds: readonly string[]): Promise<void> {
  await Promise.all(archiveIds.map((archiveId) => freeClaim(site, archiveId)));
}

async function freeClaim(site: TemporalSite, archiveId: string): Promise<void> {
  const { client } = site;
  const claim = claimOf(site, archiveId);
  const { raw, status } = await claim.describe();
  if (status.name !== 'RUNNING') return;
  await client.workflowService.resetStickyTaskQueue({
    namespace: client.options.namespace,
    execution: { workflowId: claim.workflowId },
  });
  for (const { activityId, state } of raw.pendingActivities ?? []) {
    if (Number(state) !== STARTED || !activityId) continue;
    const failure = ApplicationFailure.retryable('Its worker was killed.', 'WorkerKilled');
    await client.activity.fail({ workflowId: claim.workflowId, activityId }, failure);
  }
}
