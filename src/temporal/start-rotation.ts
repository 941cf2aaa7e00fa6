import {
  ActivityFailure,
  ApplicationFailure,
  isGrpcDeadlineError,
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import type { TenantId } from '../domain/ids';
import {
  rotationWorkflowId,
  ROTATE_CALLBACK,
  type RotationResult,
  type SubscriptionsInput,
} from '../domain/subscriptions';
import { TASK_QUEUES } from '../domain/task-queues';

/** A rotation, which may be waited for. */
export type Rotation = WorkflowHandle<(input: SubscriptionsInput) => Promise<RotationResult>>;

/** Rotates a tenant's callback now, or joins the rotation that was started before. */
export async function startRotation(
  client: Client,
  tenant: TenantId,
  overlapMs: number | undefined,
): Promise<Rotation> {
  const workflowId = rotationWorkflowId(tenant);
  return await client.workflow.start<(input: SubscriptionsInput) => Promise<RotationResult>>(
    ROTATE_CALLBACK,
    {
      args: [{ tenant, ...(overlapMs !== undefined && { pace: { overlapMs } }) }],
      taskQueue: TASK_QUEUES.claims,
      workflowId,
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Rotate the callback of ${tenant}`,
    },
  );
}

/** What the step that failed said, in place of Temporal's wrapping. */
export function explainedFailure(error: unknown): unknown {
  if (error instanceof WorkflowFailedError) {
    const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause;
    if (cause instanceof ApplicationFailure)
      return new Error(`${cause.type ?? 'Failure'}: ${cause.message}`, { cause: error });
    return noAnswer(error);
  }
  return isGrpcDeadlineError(error) ? noAnswer(error) : error;
}

function noAnswer(cause: unknown): Error {
  return new Error('No worker has answered. Does one run, `archivist worker` or `archivist up`?', { cause });
}
