import { reconcileId, type TenantId } from '../domain/ids';
import { RECONCILE_TENANT, type ReconcileInput } from '../domain/reconciliation';
import { searchAttributesOf } from '../domain/search-attributes';
import { TASK_QUEUES } from '../domain/task-queues';
import type { Schedule } from './schedule';

/** Milliseconds: the tenants' lists are not all asked for at once. */
const LONGEST_JITTER = 30_000;
/** Milliseconds: what Temporal takes as the shortest. */
const SHORTEST_CATCHUP = 10_000;

/** Has a tenant reconciled every so many milliseconds. */
export function reconcileSchedule(tenant: TenantId, every: number): Schedule {
  const input: ReconcileInput = { tenant };
  return {
    scheduleId: reconcileId(tenant),
    spec: { intervals: [{ every }], jitter: Math.min(every / 10, LONGEST_JITTER) },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILE_TENANT,
      workflowId: reconcileId(tenant),
      args: [input],
      taskQueue: TASK_QUEUES.claims,
      typedSearchAttributes: searchAttributesOf({ tenant }),
      staticSummary: `Reconcile the archives of ${tenant}`,
    },
    // One at a time; after an outage, once and at once.
    policies: { overlap: 'SKIP', catchupWindow: Math.max(every, SHORTEST_CATCHUP) },
  };
}
