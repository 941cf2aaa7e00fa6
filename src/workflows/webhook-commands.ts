import { ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import {
  generationLabel,
  type DeletionInput,
  type DeliveriesSeen,
  type DeliveryReports,
  type RegistrationResult,
  type ReportsInput,
  type RetirementInput,
  type SubscriptionsInput,
  type SubscriptionsView,
} from '../domain/subscriptions';
import { subscriptionStep } from './subscription-steps';
import { checkedSubscriptions } from './subscriptions-input';

/** Registers a callback where there is none that works; else tells which there is. */
export async function registerWebhook(input: SubscriptionsInput): Promise<RegistrationResult> {
  const { tenant, pace } = checkedSubscriptions(input);
  const registerCallback = subscriptionStep('registerCallback', 'Register, unless there is one', 'command');
  const confirmCallback = subscriptionStep('confirmCallback', 'See that the platform has it', 'command');
  const registered = await registerCallback(tenant, { after: 0, spreadMs: pace.spreadMs });
  return { ...registered, listed: await confirmCallback(tenant, registered) };
}

/** Tells which subscriptions there are. */
export async function listSubscriptions(input: SubscriptionsInput): Promise<SubscriptionsView> {
  const { tenant } = checkedSubscriptions(input);
  return await subscriptionStep('listSubscriptions', 'List the subscriptions', 'command')(tenant);
}

/** Tells how the latest deliveries ended. */
export async function readReports(input: ReportsInput): Promise<DeliveryReports[]> {
  const { tenant } = checkedSubscriptions(input);
  const step = subscriptionStep('readReports', 'Read the delivery reports', 'command');
  return await step(tenant, input.subscriptionId);
}

/** Deletes subscriptions of ours. Their secrets are retired by a workflow of its own: nobody waits for it. */
export async function deleteSubscriptions(input: DeletionInput): Promise<readonly string[]> {
  const { tenant, pace } = checkedSubscriptions(input);
  const step = subscriptionStep('deleteSubscriptions', 'Delete subscriptions on the platform', 'command');
  const { subscriptionIds, generations } = await step(tenant, input.subscriptionIds);
  if (generations.length > 0) {
    await startChild(retireDeleted, {
      args: [{ tenant, pace, generations }],
      workflowId: `retire:${tenant}:${generations.map(generationLabel).join(',')}`,
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
  }
  return subscriptionIds;
}

/** Retires the secrets of subscriptions that were deleted, once what was in flight has arrived. */
export async function retireDeleted(input: RetirementInput): Promise<void> {
  const { tenant, pace } = checkedSubscriptions(input);
  await sleep(pace.drainMs, { summary: 'What is in flight arrives' });
  const step = subscriptionStep('retireSecrets', 'Retire their secrets', 'minutes');
  await step(tenant, { generations: input.generations });
}

/** Looks at how deliveries end, for the metrics. */
export async function watchDeliveries(input: SubscriptionsInput): Promise<DeliveriesSeen | undefined> {
  const { tenant } = checkedSubscriptions(input);
  return await subscriptionStep('lookAtDeliveries', 'Look at the latest deliveries', 'command')(tenant);
}
