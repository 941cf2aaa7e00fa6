import type { TenantId } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import { rotationWorkflowId, SUBSCRIPTION_WORKFLOWS, type SubscriptionsInput } from '../domain/subscriptions';
import { TASK_QUEUES } from '../domain/task-queues';
import type { Schedule } from './schedule';

/** Milliseconds between two looks at the deliveries: the platform keeps the 50 latest attempts only. */
const LOOK_EVERY = 15 * 60_000;
/** Milliseconds: the tenants' platforms are not all asked at once. */
const LONGEST_JITTER = 60_000;
/** A rotation that was due while Temporal was down is made up for, within this time; a look at deliveries need not be. */
const ROTATION_CATCHUP = '7 days';
const LOOK_CATCHUP = '1 minute';

/** Has a tenant's callback secret rotated. Times are milliseconds. */
export function rotationSchedule(
  tenant: TenantId,
  { every, overlap }: { readonly every: number; readonly overlap: number },
): Schedule {
  const input: SubscriptionsInput = { tenant, pace: { overlapMs: overlap } };
  return {
    scheduleId: rotationWorkflowId(tenant),
    ...everySoOften(every),
    action: {
      ...startOf(tenant, SUBSCRIPTION_WORKFLOWS.rotate, input),
      workflowId: rotationWorkflowId(tenant),
      staticSummary: `Rotate the callback secret of ${tenant}`,
    },
    policies: { overlap: 'SKIP', catchupWindow: ROTATION_CATCHUP },
  };
}

/** Has the latest deliveries to a tenant's subscriptions looked at. */
export function deliveriesSchedule(tenant: TenantId): Schedule {
  const id = `deliveries:${tenant}`;
  return {
    scheduleId: id,
    ...everySoOften(LOOK_EVERY),
    action: {
      ...startOf(tenant, SUBSCRIPTION_WORKFLOWS.watch, { tenant }),
      workflowId: id,
      staticSummary: `Look at the deliveries to ${tenant}`,
    },
    policies: { overlap: 'SKIP', catchupWindow: LOOK_CATCHUP },
  };
}

function everySoOften(every: number): Pick<Schedule, 'spec'> {
  return { spec: { intervals: [{ every }], jitter: Math.min(every / 10, LONGEST_JITTER) } };
}

function startOf(tenant: TenantId, workflowType: string, input: SubscriptionsInput) {
  return {
    type: 'startWorkflow',
    workflowType,
    args: [input],
    taskQueue: TASK_QUEUES.claims,
    typedSearchAttributes: searchAttributesOf({ tenant }),
  } as const;
}
