import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import {
  generationLabel,
  isSubscriptionId,
  type DeliveryReports,
  type SubscriptionsView,
  type SubscriptionView,
} from '../../domain/subscriptions';
import type { Generation } from '../../ledger/sql/subscriptions';
import type { PlatformSubscription } from '../../platform/subscriptions/platform-subscriptions';
import type { CallbackSettings } from './callback-address';
import type { SubscriptionDependencies } from './dependencies';
import { configuredLabel, generationOf, isLive, takeInventory, workingIn } from './inventory';

/** The platform keeps 50; a list without an end is not read on. */
const MOST = 200;

/** Gives the tenant's subscriptions as they may be shown: which are ours, since when, and no secret. */
export async function listSubscriptions(
  dependencies: SubscriptionDependencies,
  tenant: TenantId,
  signal: AbortSignal,
): Promise<SubscriptionsView> {
  const inventory = await takeInventory(dependencies, tenant, signal);
  const { listed, generations } = inventory;
  const known = generations.filter(isLive);
  if (listed === undefined)
    return { isListed: false, subscriptions: known.map((each) => ({ ...oursOf(each), state: 'unknown' })) };
  const working = workingIn(inventory);
  const missing = known.filter((each) => !working.includes(each));
  return {
    isListed: true,
    subscriptions: [
      ...listed.map((each) => viewOf(dependencies.callbacks, tenant, each, generations)),
      ...missing.map((each) => ({ ...oursOf(each), state: 'missing' as const })),
    ],
  };
}

/** Reads how the latest deliveries to a subscription ended, or to each of ours that the platform has. */
export async function readReports(
  sources: Pick<SubscriptionDependencies, 'platformOf' | 'ledger'>,
  tenant: TenantId,
  subscriptionId: string | undefined,
  signal: AbortSignal,
): Promise<DeliveryReports[]> {
  const ours = workingIn(await takeInventory(sources, tenant, signal));
  const wanted = subscriptionId === undefined ? ours.map((each) => each.subscriptionId) : [subscriptionId];
  const found: DeliveryReports[] = [];
  for (const id of wanted) {
    if (!isSubscriptionId(id))
      throw new ArchivistError('SubscriptionUnknown', 'That is not the form of a subscription id.');
    const reports = await sources.platformOf(tenant).reports(id, signal);
    const generation = ours.find((each) => each.subscriptionId === id)?.generation;
    found.push({
      subscriptionId: id,
      ...(generation !== undefined && { generation: generationLabel(generation) }),
      reports: reports.slice(0, MOST),
    });
  }
  return found;
}

function viewOf(
  callbacks: CallbackSettings,
  tenant: TenantId,
  subscription: PlatformSubscription,
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
  const configured = configuredLabel(callbacks, tenant, url);
  return {
    ...shown,
    origin: configured === undefined ? 'stranger' : 'configuration',
    ...(configured !== undefined && { generation: configured }),
    ...(url !== undefined && { url: configured === undefined ? hostOnly(url) : withoutSecret(url) }),
    state: 'registered',
  };
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

/** Nobody knows which part of a stranger's URL is secret. */
function hostOnly(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/***` : '***';
}
