import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { TransferProgress } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';

/** What Temporal knows of a claim. */
export interface ClaimView {
  readonly state: string;
  /** Temporal's own status: `RUNNING`, `COMPLETED`, `FAILED`, … */
  readonly status: string;
  readonly conferenceId?: string | undefined;
  readonly deadline?: Date | undefined;
  readonly historyEvents: number;
  /** What the running step reported last. */
  readonly transfer?: TransferProgress | undefined;
  /** Tries of the running step, and what the last one failed with. */
  readonly attempt?: number | undefined;
  readonly lastFailure?: string | undefined;
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

function viewOf(description: WorkflowExecutionDescription): ClaimView {
  const { typedSearchAttributes: attributes, status, historyLength, raw } = description;
  const pending = raw.pendingActivities?.[0];
  const heartbeat = pending?.heartbeatDetails?.payloads?.[0];
  return {
    state: attributes.get({ name: 'ArchivistState', type: 'KEYWORD' }) ?? 'announced',
    status: status.name,
    historyEvents: historyLength,
    conferenceId: attributes.get({ name: 'ArchivistConferenceId', type: 'KEYWORD' }),
    deadline: attributes.get({ name: 'ArchivistDeadline', type: 'DATETIME' }),
    transfer: heartbeat && defaultPayloadConverter.fromPayload<TransferProgress>(heartbeat),
    attempt: pending?.attempt ?? undefined,
    lastFailure: pending?.lastFailure?.message ?? undefined,
  };
}
