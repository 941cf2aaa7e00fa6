import type { TenantId } from '../../domain/ids';
import type { SubscriptionDependencies } from './dependencies';
import { currentIn, generationOf, takeInventory, type Inventory } from './inventory';

/** `leftovers`: what an earlier rotation was about to delete; `older`: whatever is older than the newest that works, too. */
export type Extent = 'leftovers' | 'older';

/**
 * Deletes on the platform what a newer subscription has taken the place of: what the ledger says is superseded, and what shows
 * up in the list though its generation is over. Never a stranger's, and nothing at all unless there is a newer one that works.
 * @returns the generations that are unsubscribed and whose secrets still count; `undefined` where none works
 */
export async function unsubscribe(
  sources: SubscriptionDependencies,
  tenant: TenantId,
  extent: Extent,
  signal: AbortSignal,
): Promise<number[] | undefined> {
  const { platformOf, ledger } = sources;
  const inventory = await takeInventory(sources, tenant, signal);
  const keep = currentIn(inventory);
  if (keep === undefined) return undefined;
  if (extent === 'older') await ledger.supersede(tenant, keep.generation);
  const generations = await ledger.listGenerations(tenant);
  for (const subscriptionId of over({ ...inventory, generations }))
    await platformOf(tenant).deleteSubscription(subscriptionId, signal);
  for (const { generation, supersededAt, unsubscribedAt } of generations)
    if (supersededAt && !unsubscribedAt) await ledger.noteUnsubscribed(tenant, generation);
  const afterwards = await ledger.listGenerations(tenant);
  return afterwards.flatMap(({ generation, unsubscribedAt, retiredAt }) =>
    unsubscribedAt && !retiredAt ? [generation] : [],
  );
}

/** The ids of subscriptions whose generations are over, and which the platform may still have. */
function over({ listed, generations }: Inventory): ReadonlySet<string> {
  const superseded = generations.flatMap(({ subscriptionId, supersededAt, unsubscribedAt }) =>
    subscriptionId !== undefined && supersededAt && !unsubscribedAt ? [subscriptionId] : [],
  );
  const leftOver = (listed ?? []).flatMap((subscription) => {
    const { supersededAt, retiredAt } = generationOf(subscription, generations) ?? {};
    return (supersededAt ?? retiredAt) ? [subscription.subscriptionId] : [];
  });
  return new Set([...superseded, ...leftOver]);
}
