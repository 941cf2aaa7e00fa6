import { metricMeter } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';

/**
 * The counters of what happened to stored copies, by tenant. A count of 0 makes the series known before there is something to
 * count, so that the first damage is an increase.
 */
export function countCopies(
  tenant: TenantId,
  counts: { readonly [Name in keyof typeof COUNTERS]?: number },
): void {
  for (const [name, description] of Object.entries(COUNTERS)) {
    const count = counts[name as keyof typeof COUNTERS];
    if (count !== undefined) metricMeter.createCounter(name, undefined, description).add(count, { tenant });
  }
}

/** Shows how many fixity checks have been due for so long that somebody should look why. */
export function showOverdue(tenant: TenantId, count: number): void {
  const description = 'Stored copies whose fixity check is overdue by more than an hour';
  metricMeter.createGauge('archivist_rechecks_overdue', 'int', undefined, description).set(count, { tenant });
}

const COUNTERS = {
  archivist_copies_damaged: 'Stored copies that were found damaged or gone',
  archivist_copies_repaired: 'Stored copies that were replaced by a right one after that',
} as const;
