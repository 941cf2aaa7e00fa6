import { cancellationSignal, metricMeter } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import type { DeliveriesSeen, DeliveryReport, DeliveryReports } from '../../domain/subscriptions';
import type { SubscriptionDependencies } from './dependencies';
import { isLive, takeInventory, workingIn } from './inventory';
import { readReports } from './reports';

/** "up to 4 delivery attempts" (guide): the last of them. */
const LAST_ATTEMPT = 4;

/**
 * Looks at how the latest deliveries to our subscriptions ended, and shows it as metrics. If there is no subscription of
 * ours, it shows nothing, and does not ask the platform.
 */
export function createLookAtDeliveries(
  dependencies: Pick<SubscriptionDependencies, 'platformOf' | 'ledger'>,
) {
  return async function lookAtDeliveries(tenant: TenantId): Promise<DeliveriesSeen | undefined> {
    const isOurs = (await dependencies.ledger.listGenerations(tenant)).some(isLive);
    if (!isOurs) return undefined;
    const inventory = await takeInventory(dependencies, tenant, cancellationSignal());
    const seen = await deliveriesOf(tenant, workingIn(inventory).length);
    show(tenant, seen);
    return seen;
  };

  async function deliveriesOf(tenant: TenantId, subscriptions: number): Promise<DeliveriesSeen> {
    try {
      return {
        ...summaryOf(await readReports(dependencies, tenant, undefined, cancellationSignal())),
        subscriptions,
      };
    } catch (error) {
      if (!(error instanceof ArchivistError) || error.type !== 'SubscriptionsUnsupported') throw error;
      return { subscriptions, attempts: 0, failed: 0, lost: 0, unreported: true };
    }
  }
}

function summaryOf(ours: readonly DeliveryReports[]): Omit<DeliveriesSeen, 'subscriptions'> {
  const reports = ours.flatMap((each) => each.reports);
  return {
    attempts: reports.length,
    failed: reports.filter(({ failed }) => failed).length,
    lost: lostIn(reports).size,
  };
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

function show(tenant: TenantId, { subscriptions, failed, lost, unreported }: DeliveriesSeen): void {
  const gauge = (name: string, description: string, value: number) =>
    metricMeter.createGauge(name, 'int', undefined, description).set(value, { tenant });
  gauge('archivist_subscriptions', 'Subscriptions of ours that the platform has', subscriptions);
  if (unreported) return;
  gauge('archivist_deliveries_failed', "Failed attempts among the platform's latest 50", failed);
  gauge('archivist_deliveries_lost', 'Archives of which no attempt among these reached the gateway', lost);
}
