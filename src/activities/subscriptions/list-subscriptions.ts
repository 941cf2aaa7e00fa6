import { cancellationSignal } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import { generationLabel, type SubscriptionsView, type SubscriptionView } from '../../domain/subscriptions';
import type { Generation } from '../../ledger/subscriptions';
import type { PlatformSubscription } from '../../platform/subscriptions/platform-subscriptions';
import { configuredLabel } from './configured-label';
import type { SubscriptionDependencies } from './dependencies';
import { generationOf, isLive, takeInventory, workingIn } from './inventory';

/** Gives the tenant's subscriptions as they may be shown: which are ours, since when, and no secret. */
export function createListSubscriptions(dependencies: SubscriptionDependencies) {
  return async function listSubscriptions(tenant: TenantId): Promise<SubscriptionsView> {
    const inventory = await takeInventory(dependencies, tenant, cancellationSignal());
    const { listed, generations } = inventory;
    const known = generations.filter(isLive);
    if (listed === undefined)
      return { isListed: false, subscriptions: known.map((each) => ({ ...oursOf(each), state: 'unknown' })) };
    const working = workingIn(inventory);
    const missing = known.filter((each) => !working.includes(each));
    return {
      isListed: true,
      subscriptions: [
        ...listed.map((each) => viewOf(each, tenant, generations)),
        ...missing.map((each) => ({ ...oursOf(each), state: 'missing' as const })),
      ],
    };
  };

  function viewOf(
    subscription: PlatformSubscription,
    tenant: TenantId,
    generations: readonly Generation[],
  ): SubscriptionView {
    const { subscriptionId, url, topic } = subscription;
    const shown = { subscriptionId, ...(topic !== undefined && { topic: topic.slice(0, 100) }) };
    const generation = generationOf(subscription, generations);
    if (generation) {
      const isOver = generation.supersededAt ?? generation.retiredAt;
      return {
        ...shown,
        ...oursOf({ ...generation, subscriptionId }),
        ...(url !== undefined && { url: withoutSecret(url) }),
        state: isOver ? 'superseded' : 'registered',
      };
    }
    const configured = configuredLabel(dependencies.callbacks, tenant, url);
    return {
      ...shown,
      origin: configured === undefined ? 'stranger' : 'configuration',
      ...(configured !== undefined && { generation: configured }),
      ...(url !== undefined && { url: configured === undefined ? hostOnly(url) : withoutSecret(url) }),
      state: 'registered',
    };
  }
}

function oursOf({ subscriptionId, generation, registeredAt }: Generation) {
  return {
    subscriptionId: subscriptionId ?? '',
    origin: 'archivist',
    generation: generationLabel(generation),
    ...(registeredAt && { since: registeredAt.toISOString() }),
  } as const;
}

/** The last segment of its path is the secret. */
function withoutSecret(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.slice(0, pathname.lastIndexOf('/'))}/***`;
}

/** Nobody knows where in its URL a stranger has a secret. */
function hostOnly(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/***` : '***';
}
