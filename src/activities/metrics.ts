import { asyncLocalStorage, metricMeter } from '@temporalio/activity';
import type { TenantId } from '../domain/ids';

const COUNTERS = {
  archivist_reconcile_queued: 'Archives that a list showed and nothing else had brought into the queue',
  archivist_reconcile_incomplete: 'Lists that are not whole',
  archivist_copies_damaged: 'Stored copies that were found damaged or gone',
  archivist_copies_repaired: 'Stored copies that were replaced by a right one after that',
} as const;

const GAUGES = {
  archivist_reconcile_listed: 'Archives of the last list',
  archivist_reconcile_missed: 'Archives of the last list that expired before anybody here knew of them',
  archivist_reconcile_unusable_ids: 'Archives of the last list that cannot be claimed because of their ids',
  archivist_reconcile_last_success_timestamp_seconds:
    'When a whole list was last reconciled, in seconds since 1970',
  archivist_rechecks_overdue: 'Stored copies whose fixity check is overdue by more than an hour',
  archivist_subscriptions: 'Subscriptions of ours that the platform has',
  archivist_deliveries_failed: "Failed attempts among the platform's latest 50",
  archivist_deliveries_lost: 'Archives of which no attempt among these reached the gateway',
} as const;

/**
 * Adds to one of the worker's counters, by tenant. Adding 0 creates the series before there is something to count, so that the
 * first count is an increase.
 */
export function count(tenant: TenantId, counts: { readonly [Name in keyof typeof COUNTERS]?: number }): void {
  // A list may be read outside of an activity; there is no metric meter then.
  if (asyncLocalStorage.getStore() === undefined) return;
  for (const [name, increase] of Object.entries(counts))
    metricMeter
      .createCounter(name, undefined, COUNTERS[name as keyof typeof COUNTERS])
      .add(increase, { tenant });
}

/** Shows the latest values, by tenant, among the worker's metrics. */
export function show(tenant: TenantId, values: { readonly [Name in keyof typeof GAUGES]?: number }): void {
  for (const [name, value] of Object.entries(values))
    metricMeter
      .createGauge(name, 'int', undefined, GAUGES[name as keyof typeof GAUGES])
      .set(value, { tenant });
}
