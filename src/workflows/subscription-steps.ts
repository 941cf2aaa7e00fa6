import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { SubscriptionActivities } from '../activities/subscriptions/create-subscription-activities';
import { TASK_QUEUES } from '../domain/task-queues';
import { FOR_MINUTES } from './policy';

/** How long a step is tried. `command`: a person waits for it; `minutes`: what fails then is no passing trouble. */
const PATIENCE = {
  command: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 4 },
  minutes: FOR_MINUTES.retry,
} as const;

/** One activity of subscriptions: short, and missed within seconds when its worker dies. */
export function subscriptionStep<Name extends keyof SubscriptionActivities>(
  name: Name,
  summary: string,
  patience: keyof typeof PATIENCE,
): ActivityInterfaceFor<Pick<SubscriptionActivities, Name>>[Name] {
  const proxies = proxyActivities<Pick<SubscriptionActivities, Name>>({
    taskQueue: TASK_QUEUES.claims,
    startToCloseTimeout: '5 minutes',
    ...(BEATING.includes(name) && { heartbeatTimeout: '10 seconds' }),
    retry: PATIENCE[patience],
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  });
  return proxies[name];
}

/** Those that give signs of life. */
const BEATING: readonly (keyof SubscriptionActivities)[] = [
  'registerCallback',
  'deleteSuperseded',
  'retireSecrets',
];
