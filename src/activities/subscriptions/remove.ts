import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type DeletedSubscription } from '../../domain/subscriptions';
import type { Generation } from '../../ledger/sql/subscriptions';
import type { PlatformSubscription } from '../../platform/read-subscriptions';
import {
  configuredLabel,
  currentIn,
  generationOf,
  takeInventory,
  workingIn,
  type Inventory,
  type Sources,
  type SubscriptionDependencies,
} from './inventory';

/** Which subscriptions a person wants deleted. */
export interface DeletionRequest {
  /** Absent: all that Archivist has registered. */
  readonly subscriptionIds?: readonly string[] | undefined;
  /** Whether none of ours may be left. */
  readonly acceptsNone: boolean;
}

/**
 * Deletes subscriptions on the platform at a person's request. The gateway accepts their secrets until deliveries in flight must
 * have arrived; then reconciliation retires them, except those of the configuration.
 * @throws ArchivistError before anything is deleted: `SubscriptionUnknown` if one of them is a stranger's, or there is none;
 * `SubscriptionNeeded` if none that works would be left, and the request does not accept that
 */
export async function deleteSubscriptions(
  dependencies: SubscriptionDependencies,
  tenant: TenantId,
  { subscriptionIds, acceptsNone }: DeletionRequest,
  signal: AbortSignal,
): Promise<readonly DeletedSubscription[]> {
  const { platformOf, ledger, callbacks } = dependencies;
  const inventory = await takeInventory(dependencies, tenant, signal);
  const wanted = subscriptionIds ?? [...idsOf(inventory.generations, inventory)];
  const ours = wanted.map(oursOf);
  if (!ours.every((each) => each.generation !== undefined))
    throw new ArchivistError(
      'SubscriptionUnknown',
      `${tenant} has no subscription of this id that is Archivist's; nothing was deleted.`,
    );
  const working = workingNow();
  if (!acceptsNone && working.length > 0 && working.every((id) => wanted.includes(id)))
    throw new ArchivistError(
      'SubscriptionNeeded',
      `${tenant} would have no subscription of ours left, and no notification would come any more; nothing was deleted. If you want that, add --yes; for a new secret: archivist webhook rotate.`,
    );
  for (const { subscriptionId } of ours) {
    await platformOf(tenant).deleteSubscription(subscriptionId, signal);
    const generation = generationIn(inventory, subscriptionId);
    if (generation !== undefined) await ledger.noteUnsubscribed(tenant, generation);
  }
  return ours;

  function oursOf(subscriptionId: string): DeletedSubscription {
    const generation = generationIn(inventory, subscriptionId);
    if (generation !== undefined)
      return { subscriptionId, generation: generationLabel(generation), isConfigured: false };
    const { url } = inventory.listed?.find((each) => each.subscriptionId === subscriptionId) ?? {};
    return { subscriptionId, generation: configuredLabel(callbacks, tenant, url), isConfigured: true };
  }

  /** The ids of those that deliver to us now. */
  function workingNow(): readonly string[] {
    const configured = (inventory.listed ?? []).filter(({ url }) => configuredLabel(callbacks, tenant, url));
    return [...workingIn(inventory), ...configured].map((each) => each.subscriptionId);
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
