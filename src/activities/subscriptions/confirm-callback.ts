import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type OurSubscription, type RegistrationResult } from '../../domain/subscriptions';
import type { SubscriptionDependencies } from './dependencies';
import { takeInventory } from './inventory';

/**
 * Asks the platform whether it has a subscription that was just registered.
 * @returns `unknown` where it lists none: then its answer to the registration has to do
 * @throws `SubscriptionUnconfirmed` where it lists others only
 */
export function createConfirmCallback({ platformOf, ledger }: SubscriptionDependencies) {
  return async function confirmCallback(
    tenant: TenantId,
    { generation, subscriptionId }: OurSubscription,
  ): Promise<RegistrationResult['listed']> {
    const { listed } = await takeInventory({ platformOf, ledger }, tenant, cancellationSignal());
    if (listed === undefined) return 'unknown';
    if (listed.some((each) => each.subscriptionId === subscriptionId)) return 'yes';
    throw new ArchivistError(
      'SubscriptionUnconfirmed',
      `The platform does not list the subscription ${generationLabel(generation)} of ${tenant} yet.`,
    );
  };
}
