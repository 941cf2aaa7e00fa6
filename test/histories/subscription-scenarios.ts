import type { WorkflowHandle } from '@temporalio/client';
import { ArchivistError, type FailureType } from '../../src/domain/failures';
import { TASK_QUEUES } from '../../src/domain/task-queues';
import type { SubscriptionScript } from '../workflows/subscription-script';
import type { TimeLapse } from '../workflows/time-lapse';

const failing = (type: FailureType) => () => Promise.reject(new ArchivistError(type, 'As recorded.'));

/** Ways that a rotation, and the commands about subscriptions, can go, each played to its end. */
export const SUBSCRIPTION_SCENARIOS: Readonly<Record<string, (lapse: TimeLapse) => Promise<WorkflowHandle>>> =
  {
    'rotation-v1-rotated': (lapse) => played(lapse, 'rotateCallback', {}),
    'rotation-v1-nothing-older': (lapse) =>
      played(lapse, 'rotateCallback', { deleteSuperseded: () => Promise.resolve([]) }),
    'rotation-v1-late-subscription': (lapse) => {
      const late = [[3], []];
      return played(lapse, 'rotateCallback', { retireSecrets: () => Promise.resolve(late.shift() ?? []) });
    },
    'rotation-v1-unsupported': (lapse) =>
      played(lapse, 'rotateCallback', { registerCallback: failing('SubscriptionsUnsupported') }),
    'webhook-v1-registered': (lapse) => played(lapse, 'registerWebhook', {}),
    'webhook-v1-deleted': (lapse) => played(lapse, 'deleteSubscriptions', {}),
    'webhook-v1-deliveries-watched': (lapse) => played(lapse, 'watchDeliveries', {}),
  };

let count = 0;

async function played(
  lapse: TimeLapse,
  workflow: string,
  script: SubscriptionScript,
): Promise<WorkflowHandle> {
  lapse.subscriptions.play(script);
  count += 1;
  const handle = await lapse.client.workflow.start(workflow, {
    args: [{ tenant: 'acme' }],
    taskQueue: TASK_QUEUES.claims,
    workflowId: `${workflow}-${count}`,
  });
  await handle.result().catch(() => undefined);
  return handle;
}
