import type { Client, WorkflowHandle } from '@temporalio/client';
import type { TenantId } from '../domain/ids';
import {
  rotationWorkflowId,
  SUBSCRIPTION_WORKFLOWS,
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
    SUBSCRIPTION_WORKFLOWS.rotate,
    {
      args: [{ tenant, ...(overlapMs !== undefined && { pace: { overlapMs } }) }],
      taskQueue: TASK_QUEUES.claims,
      workflowId,
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Rotate the callback of ${tenant}`,
    },
  );
}
