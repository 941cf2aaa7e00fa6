import { metricMeter } from '@temporalio/activity';
import type { TenantId } from '../domain/ids';
import { REPAIRS, type Repair } from '../domain/reconciliation';

const REPAIRED = counter(
  'archivist_reconcile_repaired',
  'Claims that reconciliation started, by tenant and by why nothing else had',
);
const MISSED = counter('archivist_reconcile_missed', 'Archives that expired before there was a copy');
const INCOMPLETE = counter('archivist_reconcile_incomplete', 'Lists that could not be read to their end');
const UNUSABLE = gauge(
  'archivist_reconcile_unusable_ids',
  'Archives of the last list that cannot be claimed because of their ids',
);
const LEFT = gauge('archivist_reconcile_left', 'Claims that the last reconciliation left to the next');
const LAST_SUCCESS = gauge(
  'archivist_reconcile_last_success_timestamp_seconds',
  'When a whole list was last reconciled, in seconds since 1970',
);

/** The metrics of reconciliation, by tenant, in the worker's. */
export const reconciliationMetrics = {
  /** Makes the counters known before there is something to count, so that the first is an increase. */
  begin(tenant: TenantId): void {
    for (const kind of REPAIRS) REPAIRED().add(0, { tenant, kind });
    MISSED().add(0, { tenant });
    INCOMPLETE().add(0, { tenant });
  },
  repaired: (tenant: TenantId, kind: Repair) => REPAIRED().add(1, { tenant, kind }),
  missed: (tenant: TenantId, count: number) => MISSED().add(count, { tenant }),
  incomplete: (tenant: TenantId) => INCOMPLETE().add(1, { tenant }),
  whole: (tenant: TenantId) => LAST_SUCCESS().set(Math.round(Date.now() / 1000), { tenant }),
  end(tenant: TenantId, { left, unusable }: { readonly left: number; readonly unusable: number }): void {
    LEFT().set(left, { tenant });
    UNUSABLE().set(unusable, { tenant });
  },
};

/** Made when it is used: the meter is that of the activity that runs. */
function counter(name: string, description: string) {
  return () => metricMeter.createCounter(name, undefined, description);
}

function gauge(name: string, description: string) {
  return () => metricMeter.createGauge(name, 'int', undefined, description);
}
