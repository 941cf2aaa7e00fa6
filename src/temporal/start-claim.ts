import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { ANNOUNCED, CLAIM_ARCHIVE } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import { TASK_QUEUES } from '../domain/task-queues';

/**
 * Starts the claim of an archive, once: the workflow id is the lock, on a claim that runs and on one that succeeded. One that
 * failed may be started again.
 * @returns `duplicate` where there is or was a claim
 */
export async function startClaim(
  client: Client,
  { tenant, archiveId }: ArchiveKey,
): Promise<'started' | 'duplicate'> {
  try {
    await client.workflow.start(CLAIM_ARCHIVE, {
      args: [{ tenant, archiveId }],
      taskQueue: TASK_QUEUES.claims,
      workflowId: claimWorkflowId({ tenant, archiveId }),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      typedSearchAttributes: searchAttributesOf({ tenant, archiveId, state: 'announced' }),
      staticSummary: `Claim archive ${archiveId} of ${tenant}`,
    });
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'duplicate';
    throw error;
  }
}

/** Wakes a running claim: it asks the platform again at once. */
export async function announce(client: Client, key: ArchiveKey): Promise<void> {
  await client.workflow.getHandle(claimWorkflowId(key)).signal(ANNOUNCED);
}
