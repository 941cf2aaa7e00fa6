import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities as ClaimActivities, SubscriptionActivities } from '../activities/create-activities';
import { TASK_QUEUES } from '../domain/task-queues';

type Activities = ClaimActivities & SubscriptionActivities;

/** Unlimited retries with growing pauses: the claim's deadline ends them. */
const patient = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' } as const;

/** Twelve attempts, about ten minutes: if a step still fails after that, the cause is not transient. */
const forMinutes = { ...patient, maximumAttempts: 12 } as const;

/**
 * Steps that send few requests. Temporal can record a start and lose its answer: then the step waits for this timeout, so it is
 * short. When a started step is cancelled, the workflow waits for its end, so that its outcome is known.
 */
const short = {
  taskQueue: TASK_QUEUES.claims,
  startToCloseTimeout: '30 seconds',
  retry: patient,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const satisfies ActivityOptions;

/**
 * Long steps. Temporal notices within seconds if their worker dies or never received them. Their heartbeats may go by the
 * clock: the timeout of a day ends a step that hangs.
 */
const beating = {
  ...short,
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '30 seconds',
} as const satisfies ActivityOptions;

/**
 * Steps that move or read whole archives. Their heartbeats report progress in the store, so that a hanging step is noticed. The
 * timeout is far above what any copy takes: a step that exceeded it would begin again with the same copy, without end.
 */
const reading = { ...beating, startToCloseTimeout: '7 days' } as const satisfies ActivityOptions;
const transfer = { ...reading, taskQueue: TASK_QUEUES.transfers } as const satisfies ActivityOptions;

const subscription = {
  ...short,
  startToCloseTimeout: '2 minutes',
  retry: forMinutes,
} as const satisfies ActivityOptions;
const beatingSubscription = {
  ...subscription,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
} as const;

/** The one table of timeouts and retries. `domain/failures.ts` says which types of failures are never retried. */
const OPTIONS = {
  // Cancelled at once, so that a signal ends the pause between two polls.
  awaitAvailable: { ...short, cancellationType: ActivityCancellationType.TRY_CANCEL },
  downloadArchive: transfer,
  verifyCopy: transfer,
  beginRepair: transfer,
  // It may wait for a reading of the platform's list, and read a member's copy back. Once the request is sent, it ignores a
  // cancellation.
  abandonArchive: beating,
  endClaim: short,
  needAttention: short,
  readOrders: short,
  giveOrder: short,
  // If these attempts fail, the schedule's next run tries again.
  reconcileArchives: { ...beating, retry: { ...patient, maximumAttempts: 5 } },
  lookAtDeliveries: { ...short, startToCloseTimeout: '2 minutes', retry: { ...patient, maximumAttempts: 3 } },
  sweepDue: { ...reading, retry: { ...patient, maximumAttempts: 10 } },
  newestGeneration: subscription,
  registerCallback: beatingSubscription,
  confirmCallback: subscription,
  deleteSuperseded: beatingSubscription,
  retireSecrets: beatingSubscription,
} as const satisfies Partial<Record<keyof Activities, ActivityOptions>>;

type Step = keyof typeof OPTIONS;

/** The options of its step that a call may override. */
export type Variation = Pick<ActivityOptions, 'priority' | 'retry'>;

/** The most urgent of Temporal's five priorities; the other steps have the default, 3. */
export const URGENTLY = { priority: { priorityKey: 1 } } as const satisfies Variation;

/** One activity under its options. `summary` is what the Temporal UI shows beside it. */
export function step<Name extends Step>(
  name: Name,
  summary: string,
  variation: Variation = {},
): ActivityInterfaceFor<Pick<Activities, Name>>[Name] {
  return proxyActivities<Pick<Activities, Name>>({ ...OPTIONS[name], summary, ...variation })[name];
}
