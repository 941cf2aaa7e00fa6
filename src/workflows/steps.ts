import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities as ClaimActivities, SubscriptionActivities } from '../activities/create-activities';
import { TASK_QUEUES } from '../domain/task-queues';

type Activities = ClaimActivities & SubscriptionActivities;

/** Growing pauses without an end: a claim's deadline is what ends it. */
const patient = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' } as const;

/** Twelve tries, about ten minutes: what keeps a step from succeeding after that is no passing trouble. */
const forMinutes = { ...patient, maximumAttempts: 12 } as const;

/**
 * Steps that ask or write a little. Temporal can record a start and lose its answer: then the step waits out this timeout, so it is
 * short. A step that has begun is waited for when it is cancelled, so that its outcome is known.
 */
const short = {
  taskQueue: TASK_QUEUES.claims,
  startToCloseTimeout: '30 seconds',
  retry: patient,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const satisfies ActivityOptions;

/**
 * Steps that may last, and are missed within seconds when their worker dies or never heard of them. Their heartbeats may go by the
 * clock: this limit ends what hangs.
 */
const beating = {
  ...short,
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '30 seconds',
} as const satisfies ActivityOptions;

/**
 * Steps that move or read whole archives. What they do to the store is told by their heartbeats, so that what hangs is missed. The
 * limit is far above what any copy takes: a step that exceeds it begins again with the same copy, without an end.
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

/** The one table of timeouts and retries. What is never retried is told by the failure's type, in `domain/failures.ts`. */
const OPTIONS = {
  // Cancelled at once, so that a signal ends the pause between two polls.
  awaitAvailable: { ...short, cancellationType: ActivityCancellationType.TRY_CANCEL },
  downloadArchive: transfer,
  verifyCopy: transfer,
  beginRepair: transfer,
  // It may wait for a reading of the platform's list, and read a member's copy back. Once the request is sent, it does not obey a
  // cancellation.
  abandonArchive: beating,
  endClaim: short,
  needAttention: short,
  readOrders: short,
  giveOrder: short,
  // What these tries did not bring is left to the schedule's next run.
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

/** What a call may change of its step's options. */
export type Variation = Pick<ActivityOptions, 'priority' | 'retry'>;

/** Before everything else: the most urgent of Temporal's five priorities; 3 is what the others have. */
export const URGENTLY = { priority: { priorityKey: 1 } } as const satisfies Variation;

/** One activity under its options. `summary` is what the Temporal UI shows beside it. */
export function step<Name extends Step>(
  name: Name,
  summary: string,
  variation: Variation = {},
): ActivityInterfaceFor<Pick<Activities, Name>>[Name] {
  return proxyActivities<Pick<Activities, Name>>({ ...OPTIONS[name], summary, ...variation })[name];
}
