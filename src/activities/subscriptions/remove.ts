import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel } from '../../domain/subscriptions';
import type { Generation } from '../../ledger/sql/subscriptions';
import type { PlatformSubscription } from '../../platform/read-subscriptions';
import {
  configuredLabel,
  currentIn,
  generationOf,
  takeInventory,
  type Inventory,
  type Sources,
  type SubscriptionDependencies,
} from './inventory';

/**
 * Deletes subscriptions on the platform at a person's request, even the last working one. The gateway accepts their secrets until
 * deliveries in flight must have arrived; then reconciliation retires them.
 * @returns the ids of those that were deleted
 * @throws ArchivistError `SubscriptionUnknown` before anything is deleted if one of them is a stranger's, or there is none
 */
export async function deleteSubscriptions(
  dependencies: SubscriptionDependencies,
  tenant: TenantId,
  subscriptionIds: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { platformOf, ledger, callbacks } = dependencies;
  const inventory = await takeInventory(dependencies, tenant, signal);
  const wanted = subscriptionIds ?? [...idsOf(inventory.generations, inventory)];
  if (!wanted.every(isOurs))
    throw new ArchivistError(
      'SubscriptionUnknown',
      `${tenant} has no subscription of this id that is Archivist's; nothing was deleted.`,
    );
  for (const id of wanted) {
    await platformOf(tenant).deleteSubscription(id, signal);
    const generation = generationIn(inventory, id);
    if (generation !== undefined) await ledger.noteUnsubscribed(tenant, generation);
  }
  return wanted;

  function isOurs(id: string): boolean {
    const { url } = inventory.listed?.find((each) => each.subscriptionId === id) ?? {};
    return generationIn(inventory, id) !== undefined || configuredLabel(callbacks, tenant, url) !== undefined;
  }
}

/**
 * Deletes superseded subscriptions on the platform: those that an earlier rotation left and, if `fresh` is given, all that are
 * older than that generation.
 * @returns the generations to retire once deliveries in flight have arrived
 * @throws ArchivistError `SubscriptionUnconfirmed` if neither `fresh` nor a newer one works any more: nothing was deleted
 */
export async function deleteSuperseded(
  sources: Sources,
  tenant: TenantId,
  fresh: number | undefined,
  signal: AbortSignal,
): Promise<number[]> {
  const gone = await unsubscribe(sources, tenant, fresh, signal);
  if (gone !== undefined || fresh === undefined) return gone ?? [];
  throw notThere(tenant, fresh);
}

export interface Retirement {
  /** The generation that has replaced them. */
  readonly fresh: number;
  /** Generations whose deliveries in flight have arrived. */
  readonly generations: readonly number[];
  /** Milliseconds after which nobody waits for a pending generation any more. */
  readonly forgottenMs: number;
}

/**
 * Retires secrets at the end of a rotation: from now on the gateways refuse them. It also deletes subscriptions that an earlier
 * attempt has registered and whose id was lost with the platform's answer.
 * @returns the generations that were unsubscribed only now
 * @throws ArchivistError `SubscriptionUnconfirmed` if neither `fresh` nor a newer one works any more
 */
export async function retireSecrets(
  sources: Sources,
  tenant: TenantId,
  { fresh, generations, forgottenMs }: Retirement,
  signal: AbortSignal,
): Promise<number[]> {
  await sources.ledger.retire(tenant, generations);
  const late = await unsubscribe(sources, tenant, fresh, signal);
  if (late === undefined) throw notThere(tenant, fresh);
  await sources.ledger.retireForgotten(tenant, forgottenMs);
  return late;
}

/**
 * Deletes the subscriptions on the platform that a newer one has replaced: those whose generation the
 * ledger calls superseded or retired. It never deletes a stranger's, and deletes none unless one works: `fresh` or a newer one if
 * `fresh` is given, else any.
 * @returns the generations that are unsubscribed and whose secrets are not retired; `undefined` if no subscription works
 */
async function unsubscribe(
  sources: Sources,
  tenant: TenantId,
  fresh: number | undefined,
  signal: AbortSignal,
): Promise<number[] | undefined> {
  const { platformOf, ledger } = sources;
  const inventory = await takeInventory(sources, tenant, signal);
  const keep = currentIn(inventory, (fresh ?? 1) - 1);
  if (keep === undefined) return undefined;
  if (fresh !== undefined) await ledger.supersede(tenant, keep.generation);
  const generations = await ledger.listGenerations(tenant);
  const over = generations.filter(({ supersededAt, retiredAt }) => supersededAt ?? retiredAt);
  for (const id of idsOf(over, { ...inventory, generations }))
    await platformOf(tenant).deleteSubscription(id, signal);
  for (const { generation, supersededAt, unsubscribedAt } of over)
    if (supersededAt && !unsubscribedAt) await ledger.noteUnsubscribed(tenant, generation);
  const afterwards = await ledger.listGenerations(tenant);
  return afterwards.flatMap(({ generation, unsubscribedAt, retiredAt }) =>
    unsubscribedAt && !retiredAt ? [generation] : [],
  );
}

function notThere(tenant: TenantId, fresh: number): ArchivistError {
  return new ArchivistError(
    'SubscriptionUnconfirmed',
    `The platform no longer lists the subscription ${generationLabel(fresh)} of ${tenant}, nor a newer one; nothing was deleted.`,
  );
}

/** The ids of all subscriptions of these generations that the platform may still have. */
function idsOf(wanted: readonly Generation[], { listed = [], generations }: Inventory): ReadonlySet<string> {
  const isWanted = (each: PlatformSubscription): boolean => {
    const generation = generationOf(each, generations);
    return generation !== undefined && wanted.includes(generation);
  };
  const known = wanted.flatMap(({ subscriptionId, unsubscribedAt }) =>
    subscriptionId !== undefined && !unsubscribedAt ? [subscriptionId] : [],
  );
  const found = listed.filter(isWanted).map((each) => each.subscriptionId);
  // A platform that changes a subscription in place gives it a new secret under its old id: the newer generation has the id as well.
  const kept = generations.filter((each) => !wanted.includes(each) && !each.unsubscribedAt);
  const others = [...kept, ...listed.filter((each) => !isWanted(each))].map((each) => each.subscriptionId);
  return new Set([...known, ...found].filter((id) => !others.includes(id)));
}

function generationIn({ listed = [], generations }: Inventory, id: string): number | undefined {
  const subscription = listed.find((each) => each.subscriptionId === id) ?? { subscriptionId: id };
  return generationOf(subscription, generations)?.generation;
}
