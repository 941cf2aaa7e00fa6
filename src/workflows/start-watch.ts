import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { ClaimPolicy, ClaimResult } from '../domain/claim';
import { WATCH_EXPIRY, type WatchInput, type WatchResult } from '../domain/expiry';
import { expiryWorkflowId, type ArchiveKey } from '../domain/ids';

/**
 * Starts the watch over what was abandoned; it outlives the claim. A watch that runs, or that ended with success, is left
 * alone. It is started even where the claim is cancelled by now: what was abandoned is abandoned.
 */
export async function startWatch(
  key: ArchiveKey,
  { expiry }: ClaimPolicy,
  { state }: ClaimResult,
): Promise<void> {
  if (expiry === undefined || state !== 'abandoned') return;
  try {
    await CancellationScope.nonCancellable(() =>
      startChild<(input: WatchInput) => Promise<WatchResult>>(WATCH_EXPIRY, {
        args: [{ ...key, expiry }],
        workflowId: expiryWorkflowId(key),
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `Watch the expiry of archive ${key.archiveId} of ${key.tenant}`,
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
