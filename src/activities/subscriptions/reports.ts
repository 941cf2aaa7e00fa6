import { cancellationSignal } from '@temporalio/activity';
import { unless } from '../../domain/error-code';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import {
  generationLabel,
  isSubscriptionId,
  type DeliveriesSeen,
  type DeliveryReport,
  type DeliveryReports,
  type SubscriptionsView,
  type SubscriptionView,
} from '../../domain/subscriptions';
import type { Generation } from '../../ledger/sql/subscriptions';
import type { PlatformSubscription } from '../../platform/read-subscriptions';
import { show } from '../metrics';
import {
  configuredLabel,
  generationOf,
  isLive,
  takeInventory,
  workingIn,
  type CallbackSettings,
  type Sources,
  type SubscriptionDependencies,
} from './inventory';

/** The most reports that are used of one subscription; the platform keeps 50. */
const MOST = 200;
/** "up to 4 delivery attempts" (guide): the last of them. */
const LAST_ATTEMPT = 4;

/** Returns the tenant's subscriptions for display: which are ours, since when, and without secrets. */
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
  sources: Sources,
  tenant: TenantId,
  subscriptionId: string | undefined,
  signal: AbortSignal,
): Promise<DeliveryReports[]> {
  const ours = workingIn(await takeInventory(sources, tenant, signal));
  const wanted = subscriptionId === undefined ? ours.map((each) => each.subscriptionId) : [subscriptionId];
  const found: DeliveryReports[] = [];
  for (const id of wanted) {
    const own = ours.find((each) => each.subscriptionId === id);
    const generation = own && generationLabel(own.generation);
    found.push({ subscriptionId: id, generation, reports: await reportsOf(sources, tenant, id, signal) });
  }
  return found;
}

async function reportsOf(
  { platformOf }: Sources,
  tenant: TenantId,
  subscriptionId: string,
  signal: AbortSignal,
): Promise<readonly DeliveryReport[]> {
  if (!isSubscriptionId(subscriptionId))
    throw new ArchivistError('SubscriptionUnknown', 'That is not the form of a subscription id.');
  return (await platformOf(tenant).reports(subscriptionId, signal)).slice(0, MOST);
}

/**
 * Looks at how the latest deliveries to our subscriptions ended, and shows it as metrics. If there is no subscription of
 * ours, it shows nothing, and does not ask the platform.
 */
export async function lookAtDeliveries(
  sources: Sources,
  tenant: TenantId,
): Promise<DeliveriesSeen | undefined> {
  if (!(await sources.ledger.listGenerations(tenant)).some(isLive)) return undefined;
  const signal = cancellationSignal();
  const ours = workingIn(await takeInventory(sources, tenant, signal));
  const found = await unless(
    ['SubscriptionsUnsupported'],
    Promise.all(ours.map(({ subscriptionId }) => reportsOf(sources, tenant, subscriptionId, signal))),
  );
  const reports = found?.flat() ?? [];
  const seen: DeliveriesSeen = {
    subscriptions: ours.length,
    attempts: reports.length,
    failed: reports.filter(({ failed }) => failed).length,
    lost: lostIn(reports).size,
    ...(found === undefined && { unreported: true }),
  };
  show(tenant, { archivist_subscriptions: seen.subscriptions });
  if (found) show(tenant, { archivist_deliveries_failed: seen.failed, archivist_deliveries_lost: seen.lost });
  return seen;
}

/** An archive that any of our subscriptions was told of is not lost. */
function lostIn(reports: readonly DeliveryReport[]): ReadonlySet<string> {
  const delivered = new Set(reports.filter(({ failed }) => !failed).map(({ archiveId }) => archiveId));
  const lost = reports.flatMap(({ archiveId, attempt = 0, failed }) =>
    archiveId !== undefined && failed && attempt >= LAST_ATTEMPT && !delivered.has(archiveId)
      ? [archiveId]
      : [],
  );
  return new Set(lost);
}

function viewOf(
  callbacks: CallbackSettings,
  tenant: TenantId,
  subscription: PlatformSubscription,
  generations: readonly Generation[],
): SubscriptionView {
  const { subscriptionId, url, topic } = subscription;
  const generation = generationOf(subscription, generations);
  const shown = { subscriptionId, topic: topic?.slice(0, 100) };
  if (generation) {
    const isOver = generation.supersededAt ?? generation.retiredAt;
    const state = isOver ? 'superseded' : 'registered';
    return { ...shown, ...oursOf({ ...generation, subscriptionId }), url: withoutSecret(url, false), state };
  }
  const configured = configuredLabel(callbacks, tenant, url);
  const isStranger = configured === undefined;
  return {
    ...shown,
    origin: isStranger ? 'stranger' : 'configuration',
    generation: configured,
    url: withoutSecret(url, isStranger),
    state: 'registered',
  };
}

function oursOf({ subscriptionId, generation, registeredAt }: Generation) {
  return {
    subscriptionId: subscriptionId ?? '',
    origin: 'archivist',
    generation: generationLabel(generation),
    since: registeredAt?.toISOString(),
  } as const;
}

/** The last segment of our URLs' path is the secret; in a stranger's URL, any part may be. */
function withoutSecret(url: string | undefined, isStranger: boolean): string | undefined {
  if (url === undefined) return undefined;
  if (!URL.canParse(url)) return '***';
  const { origin, pathname } = new URL(url);
  return `${origin}${isStranger ? '' : pathname.slice(0, pathname.lastIndexOf('/'))}/***`;
}
