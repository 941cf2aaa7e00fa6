import type { Client } from '@temporalio/client';
import { reconcileId, type TenantId } from '../domain/ids';
import { RECONCILE_TENANT, type ReconcileInput, type ReconcileReport } from '../domain/reconciliation';
import { searchAttributesOf } from '../domain/search-attributes';
import { TASK_QUEUES } from '../domain/task-queues';

/** Starts the reconciliation of a tenant, or joins one that was started so, and waits for its report. */
export async function reconcileNow(client: Client, tenant: TenantId): Promise<ReconcileReport> {
  return await client.workflow.execute<(input: ReconcileInput) => Promise<ReconcileReport>>(
    RECONCILE_TENANT,
    {
      args: [{ tenant }],
      taskQueue: TASK_QUEUES.claims,
      workflowId: reconcileId(tenant),
      workflowIdConflictPolicy: 'USE_EXISTING',
      typedSearchAttributes: searchAttributesOf({ tenant }),
      staticSummary: `Reconcile the archives of ${tenant}`,
    },
  );
}
