import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type OurSubscription, type RegistrationResult } from '../../domain/subscriptions';
import type { SubscriptionDependencies } from './dependencies';
import { takeInventory, workingIn } from './inventory';

/**
 * Asks the platform whether it has a subscription that was just registered.
 * @returns `unknown` where it lists none: then its answer to the registration has to do
 * @throws `SubscriptionUnconfirmed` where it lists others only
 */
export function createConfirmCallback({ platformOf, ledger }: SubscriptionDependencies) {
  return async function confirmCallback(
    tenant: TenantId,
    { generation }: OurSubscription,
  ): Promise<RegistrationResult['listed']> {
    const inventory = await takeInventory({ platformOf, ledger }, tenant, cancellationSignal());
    if (inventory.listed === undefined) return 'unknown';
    if (workingIn(inventory).some((each) => each.generation === generation)) return 'yes';
    throw new ArchivistError(
      'SubscriptionUnconfirmed',
      `The platform does not list the subscription ${generationLabel(generation)} of ${tenant} yet.`,
    );
  };
}
