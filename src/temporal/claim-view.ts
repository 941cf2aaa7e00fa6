import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { PROGRESS, type ClaimProgress, type TransferProgress } from '../domain/claim';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import type { Hold } from '../domain/orders';

/** What Temporal knows of a claim. */
export interface ClaimView {
  readonly state: string;
  /** Temporal's own status: `RUNNING`, `COMPLETED`, `FAILED`, … */
  readonly status: string;
  readonly conferenceId?: string;
  readonly deadline?: Date;
  readonly historyEvents: number;
  /** Who holds the archive, where a worker is there to say so. */
  readonly held?: Hold;
  /** What the running step reported last. */
  readonly transfer?: TransferProgress;
  /** Tries of the running step, and what the last one failed with. */
  readonly attempt?: number;
  readonly lastFailure?: string;
}

/** Milliseconds in which a worker must answer for a claim. */
const QUERY_PATIENCE = 2_000;

/** Looks at the latest claim of an archive. @returns `undefined` where Temporal knows of none */
export async function viewClaim(client: Client, key: ArchiveKey): Promise<ClaimView | undefined> {
  try {
    const handle = client.workflow.getHandle(claimWorkflowId(key));
    const described = await handle.describe();
    const held = described.status.name === 'RUNNING' ? await holdOf(client, handle) : undefined;
    return { ...viewOf(described), ...(held && { held }) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Asks the claim itself, which takes a worker. */
async function holdOf(client: Client, handle: WorkflowHandle): Promise<Hold | undefined> {
  try {
    const { held } = await client.withDeadline(Date.now() + QUERY_PATIENCE, () =>
      handle.query<ClaimProgress>(PROGRESS),
    );
    return held;
  } catch {
    // Nobody works: the rest is told all the same.
    return undefined;
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
