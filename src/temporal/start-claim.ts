import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { ANNOUNCED, CLAIM_ARCHIVE, type ClaimInput } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import { TASK_QUEUES } from '../domain/task-queues';

/**
 * Starts the claim of an archive, once: the workflow id is the lock, on a claim that runs and on one that succeeded. One that
 * failed may be started again.
 * @param startDelay milliseconds after which it takes its first step
 * @returns `duplicate` where there is or was a claim
 */
export async function startClaim(
  client: Client,
  key: ArchiveKey,
  startDelay = 0,
): Promise<'started' | 'duplicate'> {
  const started = await start(client, key, {}, 'ALLOW_DUPLICATE_FAILED_ONLY', startDelay);
  return started ? 'started' : 'duplicate';
}

/**
 * Starts another claim of an archive whose claim succeeded, by what Temporal remembers, though the ledger has no secured copy.
 * @returns `duplicate` where there is a claim
 */
export async function startClaimAnew(
  client: Client,
  key: ArchiveKey,
  startDelay = 0,
): Promise<'started' | 'duplicate'> {
  const started = await start(client, key, {}, 'ALLOW_DUPLICATE', startDelay);
  return started ? 'started' : 'duplicate';
}

/**
 * Starts another claim of an archive that copy-only mode has secured, to abandon it because `by` wants that. The workflow id is
 * the same, so that there is never more than one.
 * @returns `running` where there is a claim
 */
export async function startAbandon(
  client: Client,
  key: ArchiveKey,
  by: string,
): Promise<'started' | 'running'> {
  const started = await start(client, key, { abandonBy: by }, 'ALLOW_DUPLICATE');
  return started ? 'started' : 'running';
}

async function start(
  client: Client,
  { tenant, archiveId }: ArchiveKey,
  order: Pick<ClaimInput, 'abandonBy'>,
  workflowIdReusePolicy: 'ALLOW_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
  startDelay = 0,
): Promise<boolean> {
  try {
    await client.workflow.start(CLAIM_ARCHIVE, {
      args: [{ tenant, archiveId, ...order }],
      taskQueue: TASK_QUEUES.claims,
      workflowId: claimWorkflowId({ tenant, archiveId }),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy,
      ...(startDelay > 0 && { startDelay }),
      typedSearchAttributes: searchAttributesOf({ tenant, archiveId, state: 'announced' }),
      staticSummary: `Claim archive ${archiveId} of ${tenant}`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Wakes a running claim: it asks the platform again at once. */
export async function announce(client: Client, key: ArchiveKey): Promise<void> {
  await client.workflow.getHandle(claimWorkflowId(key)).signal(ANNOUNCED);
}
