import {
  ApplicationFailure,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { reconcileId, sweepId, type TenantId } from '../domain/ids';
import { RECONCILE_TENANT, type ReconcileInput, type ReconcileReport } from '../domain/reconciliation';
import { searchAttributesOf } from '../domain/search-attributes';
import {
  rotationWorkflowId,
  ROTATE_CALLBACK,
  type RotationResult,
  type SubscriptionsInput,
} from '../domain/subscriptions';
import { SWEEP_COPIES, type SweepInput } from '../domain/sweep';
import { TASK_QUEUES } from '../domain/task-queues';

type ReconcileTenant = (input: ReconcileInput) => Promise<ReconcileReport>;
type RotateCallback = (input: SubscriptionsInput) => Promise<RotationResult>;

/** The handle of a rotation, whose result can be awaited. */
export type Rotation = WorkflowHandle<RotateCallback>;

/** How to start a tenant's reconciliation, at once or by its schedule. */
export function reconciliationOf(tenant: TenantId) {
  const input: ReconcileInput = { tenant };
  return workflowOf(tenant, RECONCILE_TENANT, reconcileId(tenant), 'Reconcile the archives', input);
}

export function sweepOf(tenant: TenantId) {
  const input: SweepInput = { tenant };
  return workflowOf(tenant, SWEEP_COPIES, sweepId(tenant), 'Sweep the copies', input);
}

export function rotationOf(tenant: TenantId, overlapMs: number | undefined) {
  const input: SubscriptionsInput = { tenant, ...(overlapMs !== undefined && { waits: { overlapMs } }) };
  return workflowOf(tenant, ROTATE_CALLBACK, rotationWorkflowId(tenant), 'Rotate the callback secret', input);
}

function workflowOf<Input>(
  tenant: TenantId,
  workflowType: string,
  workflowId: string,
  what: string,
  input: Input,
) {
  return {
    workflowType,
    workflowId,
    args: [input] as [Input],
    taskQueue: TASK_QUEUES.claims,
    typedSearchAttributes: searchAttributesOf({ tenant }),
    staticSummary: `${what} of ${tenant}`,
  };
}

/** Starts the reconciliation of a tenant, or joins one that was started by hand, and waits for its report. */
export async function reconcileNow(client: Client, tenant: TenantId): Promise<ReconcileReport> {
  const { workflowType, ...options } = reconciliationOf(tenant);
  return await client.workflow.execute<ReconcileTenant>(workflowType, {
    ...options,
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

/**
 * Rotates a tenant's callback now, unless a rotation of it runs already.
 * @returns the rotation, and whether it is a new one; an older one keeps the overlap that it was started with
 */
export async function startRotation(
  client: Client,
  tenant: TenantId,
  overlapMs: number | undefined,
): Promise<{ readonly rotation: Rotation; readonly isNew: boolean }> {
  const { workflowType, ...options } = rotationOf(tenant, overlapMs);
  try {
    return { rotation: await client.workflow.start<RotateCallback>(workflowType, options), isNew: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { rotation: client.workflow.getHandle<RotateCallback>(options.workflowId), isNew: false };
  }
}

/**
 * Looks at a rotation that was just started.
 * @returns whether a worker has taken it up, and how its present step failed last
 * @throws as its result does, if it has failed
 */
export async function lookAtRotation(rotation: Rotation) {
  const { status, historyLength, raw } = await rotation.describe();
  if (status.name !== 'RUNNING') await resultOf(rotation);
  return {
    // Started, and scheduled for a worker.
    isTakenUp: historyLength > 2,
    lastFailure: raw.pendingActivities?.find((each) => each.lastFailure)?.lastFailure?.message ?? undefined,
  };
}

/** Waits for the end of a rotation. @throws Error with the failure of its step */
export async function resultOf(rotation: Rotation): Promise<RotationResult> {
  try {
    return await rotation.result();
  } catch (error) {
    throw explainedFailure(error);
  }
}

/** Returns the failure of a rotation's step, without Temporal's wrapping. */
function explainedFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError) && !isGrpcDeadlineError(error)) return error;
  const failure = error.cause;
  return failure instanceof ApplicationFailure
    ? new Error(`${failure.type ?? 'Failure'}: ${failure.message}`, { cause: error })
    : new Error('No worker has answered. Does one run, `archivist worker` or `archivist up`?', {
        cause: error,
      });
}
