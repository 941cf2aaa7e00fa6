import { asyncLocalStorage, metricMeter } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';

const QUEUED = counter(
  'archivist_reconcile_queued',
  'Archives that a list showed and nothing else had brought into the queue',
);
const INCOMPLETE = counter('archivist_reconcile_incomplete', 'Lists that are not whole');
const LISTED = gauge('archivist_reconcile_listed', 'Archives of the last list');
const MISSED = gauge(
  'archivist_reconcile_missed',
  'Archives of the last list that expired before anybody here knew of them',
);
const UNUSABLE = gauge(
  'archivist_reconcile_unusable_ids',
  'Archives of the last list that cannot be claimed because of their ids',
);
const LAST_SUCCESS = gauge(
  'archivist_reconcile_last_success_timestamp_seconds',
  'When a whole list was last reconciled, in seconds since 1970',
);

/** The metrics of reconciliation, by tenant, among the worker's. */
export const reconciliationMetrics = {
  /** Makes the counters known before there is something to count, so that the first is an increase. */
  begin(tenant: TenantId): void {
    QUEUED().add(0, { tenant });
    INCOMPLETE().add(0, { tenant });
  },

  /** Counts what one reading did, whoever it was for: reconciliation, or an abandon that needed a list. */
  count({ tenant, queued, incomplete }: ReconcileReport): void {
    // A reader outside of an activity has no metrics.
    if (asyncLocalStorage.getStore() === undefined) return;
    QUEUED().add(queued, { tenant });
    if (incomplete !== undefined) INCOMPLETE().add(1, { tenant });
  },

  /** Shows what reconciliation found last. */
  end({ tenant, listed, missed, unusable, incomplete }: ReconcileReport): void {
    UNUSABLE().set(unusable, { tenant });
    if (incomplete !== undefined) return;
    LISTED().set(listed, { tenant });
    MISSED().set(missed, { tenant });
    LAST_SUCCESS().set(Math.round(Date.now() / 1000), { tenant });
  },
};

/** Made when it is used: the meter is that of the activity that runs. */
function counter(name: string, description: string) {
  return () => metricMeter.createCounter(name, undefined, description);
}

function gauge(name: string, description: string) {
  return () => metricMeter.createGauge(name, 'int', undefined, description);
}
