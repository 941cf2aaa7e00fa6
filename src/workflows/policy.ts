import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import { TASK_QUEUES } from '../domain/task-queues';

/** Every activity that Temporal schedules. */
export type Step = Exclude<keyof Activities, 'readClaimPolicy'>;

/** Growing pauses without an end: a claim's deadline is what ends it; a watch has none. */
const patient = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' } as const;

/** Steps that move or read whole archives: they may last for hours, and are missed within seconds when their worker dies. */
const transfer = {
  taskQueue: TASK_QUEUES.transfers,
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '30 seconds',
  retry: patient,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const satisfies ActivityOptions;

/** Steps that ask or write a little. Once begun they are waited for, so that their outcome is known. */
const short = {
  taskQueue: TASK_QUEUES.claims,
  startToCloseTimeout: '2 minutes',
  retry: patient,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const satisfies ActivityOptions;

/** The one table of timeouts and retries. What is never retried is told by the failure's type, in `domain/failures.ts`. */
const POLICY: Readonly<Record<Step, ActivityOptions>> = {
  // Cancelled at once, so that an announcement wakes it from its pause.
  awaitAvailable: { ...short, cancellationType: ActivityCancellationType.TRY_CANCEL },
  downloadArchive: transfer,
  verifyCopy: transfer,
  secureCopy: short,
  // It reads the platform's list, which may be long, and gives signs of life meanwhile.
  abandonArchive: { ...short, startToCloseTimeout: '10 minutes', heartbeatTimeout: '30 seconds' },
  awaitAdmission: { ...short, cancellationType: ActivityCancellationType.TRY_CANCEL },
  recordOutcome: short,
  recordDecision: short,
  holdArchive: short,
  releaseArchive: short,
  orderAbandon: short,
  findAbandoned: short,
  recheckCopy: transfer,
  downloadAgain: transfer,
  recordRepair: short,
  awaitExpired: { ...short, cancellationType: ActivityCancellationType.TRY_CANCEL },
  closeArchive: short,
  // It reads the platform's list to its end. What five tries did not bring is left to the next reconciliation.
  reconcileArchives: {
    ...short,
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '30 seconds',
    retry: { ...patient, maximumAttempts: 5 },
  },
};

/** What a call may change of its step's policy. */
export type Variation = Pick<ActivityOptions, 'priority' | 'retry'>;

/** Before everything else: the most urgent of Temporal's five priorities; 3 is what the others have. */
export const URGENTLY = { priority: { priorityKey: 1 } } as const satisfies Variation;

/** Tried but once. */
export const ONCE = { retry: { maximumAttempts: 1 } } as const satisfies Variation;

/** Twelve tries, about ten minutes: what keeps a step from succeeding after that is no passing trouble. */
export const FOR_MINUTES = { retry: { ...patient, maximumAttempts: 12 } } as const satisfies Variation;

/** Once an hour in the end; with the pauses before, 174 tries are a week. */
export const FOR_A_WEEK = {
  retry: {
    initialInterval: '1 minute',
    backoffCoefficient: 2,
    maximumInterval: '1 hour',
    maximumAttempts: 174,
  },
} as const satisfies Variation;

export const SLOWLY = {
  retry: { initialInterval: '6 hours', backoffCoefficient: 1 },
} as const satisfies Variation;

/** One activity under its policy. `summary` is what the Temporal UI shows beside it. */
export function step<Name extends Step>(
  name: Name,
  summary: string,
  variation: Variation = {},
): ActivityInterfaceFor<Pick<Activities, Name>> {
  return proxyActivities<Pick<Activities, Name>>({ ...POLICY[name], summary, ...variation });
}

/** Runs within the workflow task of the claim's beginning. */
export const { readClaimPolicy } = proxyLocalActivities<Pick<Activities, 'readClaimPolicy'>>({
  startToCloseTimeout: '5 seconds',
  retry: patient,
});
