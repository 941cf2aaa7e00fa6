import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { TransferProgress } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';

/** What Temporal knows of a claim. */
export interface ClaimView {
  readonly state: string;
  /** Temporal's own status: `RUNNING`, `COMPLETED`, `FAILED`, … */
  readonly status: string;
  readonly conferenceId?: string;
  readonly deadline?: Date;
  readonly historyEvents: number;
  /** What the running step reported last. */
  readonly transfer?: TransferProgress;
  /** Tries of the running step, and what the last one failed with. */
  readonly attempt?: number;
  readonly lastFailure?: string;
}

/** Looks at the latest claim of an archive. @returns `undefined` if Temporal knows of none */
export async function viewClaim(client: Client, key: ArchiveKey): Promise<ClaimView | undefined> {
  try {
    return viewOf(await client.workflow.getHandle(claimWorkflowId(key)).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function viewOf({
  typedSearchAttributes,
  status,
  historyLength,
  raw,
}: WorkflowExecutionDescription): ClaimView {
  const pending = raw.pendingActivities?.[0];
  const heartbeat = pending?.heartbeatDetails?.payloads?.[0];
  const transfer = heartbeat && defaultPayloadConverter.fromPayload<TransferProgress>(heartbeat);
  const conferenceId = typedSearchAttributes.get({ name: 'ArchivistConferenceId', type: 'KEYWORD' });
  const deadline = typedSearchAttributes.get({ name: 'ArchivistDeadline', type: 'DATETIME' });
  return {
    state: typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' }) ?? 'announced',
    status: status.name,
    historyEvents: historyLength,
    ...(conferenceId !== undefined && { conferenceId }),
    ...(deadline !== undefined && { deadline }),
    ...(transfer && { transfer }),
    ...(typeof pending?.attempt === 'number' && { attempt: pending.attempt }),
    ...(typeof pending?.lastFailure?.message === 'string' && { lastFailure: pending.lastFailure.message }),
  };
}
