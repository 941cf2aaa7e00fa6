import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, isSubscriptionId, type DeliveryReports } from '../../domain/subscriptions';
import type { SubscriptionDependencies } from './dependencies';
import { takeInventory, workingIn, type LiveGeneration } from './inventory';

/** The platform keeps 50; a history has no room for a list without an end. */
const MOST = 200;

/** Reads how the latest deliveries to a subscription ended, or to each of ours that the platform has. */
export function createReadReports(dependencies: Pick<SubscriptionDependencies, 'platformOf' | 'ledger'>) {
  return async function readReports(tenant: TenantId, subscriptionId?: string): Promise<DeliveryReports[]> {
    const ours = workingIn(await takeInventory(dependencies, tenant, cancellationSignal()));
    const wanted = subscriptionId === undefined ? ours.map((each) => each.subscriptionId) : [subscriptionId];
    const found = [];
    for (const id of wanted) found.push(await reportsOf(tenant, id, ours));
    return found;
  };

  async function reportsOf(
    tenant: TenantId,
    subscriptionId: string,
    ours: readonly LiveGeneration[],
  ): Promise<DeliveryReports> {
    if (!isSubscriptionId(subscriptionId))
      throw new ArchivistError('SubscriptionUnknown', 'That is not the form of a subscription id.');
    const reports = await dependencies.platformOf(tenant).reports(subscriptionId, cancellationSignal());
    const generation = ours.find((each) => each.subscriptionId === subscriptionId)?.generation;
    return {
      subscriptionId,
      ...(generation !== undefined && { generation: generationLabel(generation) }),
      reports: reports.slice(0, MOST),
    };
  }
}
