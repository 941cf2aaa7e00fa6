import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { configuredLabel } from './configured-label';
import type { SubscriptionDependencies } from './dependencies';
import { generationOf, takeInventory, type Inventory } from './inventory';

/** What was deleted because a person wanted it. */
export interface Deletion {
  readonly subscriptionIds: readonly string[];
  /** Of these, those whose secrets are to be retired once what is in flight has arrived. */
  readonly generations: readonly number[];
}

/**
 * Deletes subscriptions on the platform, the last working one, too: a person says so.
 * @throws `SubscriptionUnknown` before anything is deleted where one of them is a stranger's, or there is none
 */
export function createDeleteSubscriptions(dependencies: SubscriptionDependencies) {
  const { platformOf, ledger } = dependencies;

  return async function deleteSubscriptions(
    tenant: TenantId,
    subscriptionIds?: readonly string[],
  ): Promise<Deletion> {
    const inventory = await takeInventory(dependencies, tenant, cancellationSignal());
    const wanted = subscriptionIds ?? ours(inventory);
    for (const id of wanted) requireOurs(inventory, tenant, id);
    const generations = [];
    for (const id of wanted) {
      await platformOf(tenant).deleteSubscription(id, cancellationSignal());
      const generation = generationIn(inventory, id);
      if (generation === undefined) continue;
      await ledger.noteUnsubscribed(tenant, generation);
      generations.push(generation);
    }
    return { subscriptionIds: wanted, generations };
  };

  function requireOurs(inventory: Inventory, tenant: TenantId, id: string): void {
    const { url } = inventory.listed?.find((each) => each.subscriptionId === id) ?? {};
    if (generationIn(inventory, id) !== undefined) return;
    if (configuredLabel(dependencies.callbacks, tenant, url) !== undefined) return;
    throw new ArchivistError(
      'SubscriptionUnknown',
      `${tenant} has no subscription of this id that is Archivist's; nothing was deleted.`,
    );
  }
}

function ours({ listed, generations }: Inventory): string[] {
  const known = generations.flatMap(({ subscriptionId, unsubscribedAt }) =>
    subscriptionId !== undefined && !unsubscribedAt ? [subscriptionId] : [],
  );
  const found = (listed ?? []).filter((each) => generationOf(each, generations) !== undefined);
  return [...new Set([...known, ...found.map((each) => each.subscriptionId)])];
}

function generationIn({ listed = [], generations }: Inventory, id: string): number | undefined {
  const subscription = listed.find((each) => each.subscriptionId === id) ?? { subscriptionId: id };
  return generationOf(subscription, generations)?.generation;
}
