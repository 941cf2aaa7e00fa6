import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import type { TenantId } from '../domain/ids';
import type { ReconcileInput, ReconcileResult } from '../domain/reconciliation';
import { onItsOwn, unlessItFails } from './failures';
import { checkedTenant, fieldsOf } from './input';
import { step } from './steps';
import { versioned } from './run';

/** Milliseconds between two looks at the deliveries: the platform keeps the 50 latest attempts. */
const LOOK_EVERY = 15 * 60_000;

/** Milliseconds by which a schedule's jitter can shorten the interval between two runs. */
const JITTER = 60_000;

setWorkflowOptions(versioned('AUTO_UPGRADE'), reconcileTenant);

/**
 * Compares the platform's list of archives with the ledger, and queues those that nobody announced. One activity reads a list of
 * any length, so that the history does not grow with it. Every 15 minutes the workflow also reads the delivery reports.
 *
 * @throws ApplicationFailure of type `InvalidInput`, `UnknownTenant`, or the type of the activity's failure
 */
export async function reconcileTenant(input: ReconcileInput): Promise<ReconcileResult> {
  const tenant = checkedTenant(input);
  try {
    const [report, deliveriesSeenAt] = await Promise.all([
      step('reconcileArchives', 'Compare the list with the ledger')(tenant),
      lookAtDeliveries(tenant),
    ]);
    return { ...report, ...(deliveriesSeenAt !== undefined && { deliveriesSeenAt }) };
  } catch (error) {
    throw onItsOwn(error);
  }
}

/** @returns when the workflow last read the delivery reports, ISO 8601 */
async function lookAtDeliveries(tenant: TenantId): Promise<string | undefined> {
  const before = lastLook();
  const now = new Date();
  if (before !== undefined && now.getTime() - Date.parse(before) < LOOK_EVERY - JITTER) return before;
  const look = step('lookAtDeliveries', 'Look at the latest deliveries');
  const hasLooked = await unlessItFails(look(tenant).then(() => true));
  return hasLooked ? now.toISOString() : before;
}

/** From the result of the schedule's last successful run; a run that was started by hand has no such result. */
function lastLook(): string | undefined {
  const { deliveriesSeenAt } = fieldsOf(workflowInfo().lastResult);
  return typeof deliveriesSeenAt === 'string' ? deliveriesSeenAt : undefined;
}
