import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { TransferProgress } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';

/** Temporal's view of a claim. */
export type ClaimView = ReturnType<typeof viewOf>;

/** Reads the latest claim of an archive from Temporal. @returns `undefined` if Temporal knows none */
export async function viewClaim(client: Client, key: ArchiveKey): Promise<ClaimView | undefined> {
  try {
    return viewOf(await client.workflow.getHandle(claimWorkflowId(key)).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function viewOf({ typedSearchAttributes, status, historyLength, raw }: WorkflowExecutionDescription) {
  const pending = raw.pendingActivities?.[0];
  const heartbeat = pending?.heartbeatDetails?.payloads?.[0];
  return {
    state: typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' }) ?? 'announced',
    /** Temporal's own status: `RUNNING`, `COMPLETED`, `FAILED`, … */
    status: status.name,
    historyEvents: historyLength,
    conferenceId: typedSearchAttributes.get({ name: 'ArchivistConferenceId', type: 'KEYWORD' }),
    deadline: typedSearchAttributes.get({ name: 'ArchivistDeadline', type: 'DATETIME' }),
    /** What the running step reported last. */
    transfer: heartbeat && defaultPayloadConverter.fromPayload<TransferProgress>(heartbeat),
    /** The attempts of the running step, and the failure of the last one. */
    attempt: pending?.attempt ?? undefined,
    lastFailure: pending?.lastFailure?.message ?? undefined,
  };
}
