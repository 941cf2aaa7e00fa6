import {
  ActivityFailure,
  ApplicationFailure,
  isGrpcDeadlineError,
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { reconcileId, type TenantId } from '../domain/ids';
import { RECONCILE_TENANT, type ReconcileInput, type ReconcileReport } from '../domain/reconciliation';
import { searchAttributesOf } from '../domain/search-attributes';
import {
  rotationWorkflowId,
  ROTATE_CALLBACK,
  type RotationResult,
  type SubscriptionsInput,
} from '../domain/subscriptions';
import { TASK_QUEUES } from '../domain/task-queues';

type ReconcileTenant = (input: ReconcileInput) => Promise<ReconcileReport>;
type RotateCallback = (input: SubscriptionsInput) => Promise<RotationResult>;

/** A rotation, which may be waited for. */
export type Rotation = WorkflowHandle<RotateCallback>;

/** Starts the reconciliation of a tenant, or joins one that was started so, and waits for its report. */
export async function reconcileNow(client: Client, tenant: TenantId): Promise<ReconcileReport> {
  return await client.workflow.execute<ReconcileTenant>(RECONCILE_TENANT, {
    args: [{ tenant }],
    workflowId: reconcileId(tenant),
    staticSummary: `Reconcile the archives of ${tenant}`,
    ...joined(tenant),
  });
}

/** Rotates a tenant's callback now, or joins the rotation that was started before. */
export async function startRotation(
  client: Client,
  tenant: TenantId,
  overlapMs: number | undefined,
): Promise<Rotation> {
  return await client.workflow.start<RotateCallback>(ROTATE_CALLBACK, {
    args: [{ tenant, ...(overlapMs !== undefined && { pace: { overlapMs } }) }],
    workflowId: rotationWorkflowId(tenant),
    staticSummary: `Rotate the callback of ${tenant}`,
    ...joined(tenant),
  });
}

function joined(tenant: TenantId) {
  return {
    taskQueue: TASK_QUEUES.claims,
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: searchAttributesOf({ tenant }),
  } as const;
}

/** What the step of a rotation that failed said, in place of Temporal's wrapping. */
export function explainedFailure(error: unknown): unknown {
  const isFailure = error instanceof WorkflowFailedError;
  if (!isFailure && !isGrpcDeadlineError(error)) return error;
  const failure = isFailure && error.cause instanceof ActivityFailure ? error.cause.cause : error.cause;
  return failure instanceof ApplicationFailure
    ? new Error(`${failure.type ?? 'Failure'}: ${failure.message}`, { cause: error })
    : new Error('No worker has answered. Does one run, `archivist worker` or `archivist up`?', {
        cause: error,
      });
}
