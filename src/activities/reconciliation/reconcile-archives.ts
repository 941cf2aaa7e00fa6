import { cancellationSignal, log } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { USUAL_PACE } from '../../domain/subscriptions';
import type { Dependencies } from '../dependencies';
import { whileAlive } from '../heartbeats';
import { reconciliationMetrics as metrics } from './metrics';

/**
 * Reads the platform's list, writes what it shows and queues what nothing else has brought. Only what the list says counts: what it
 * lacks means nothing, whether it is whole or not. Secrets of subscriptions that were deleted long enough ago are retired on the way.
 */
export function createReconcileArchives({ lists, ledger }: Pick<Dependencies, 'lists' | 'ledger'>) {
  return async function reconcileArchives(tenant: TenantId): Promise<ReconcileReport> {
    metrics.begin(tenant);
    const report = await whileAlive(() => lists.read(tenant, cancellationSignal()));
    metrics.end(report);
    if (report.incomplete !== undefined)
      log.warn('The list is not whole: nothing is concluded from what it lacks', {
        tenant,
        reason: report.incomplete,
      });
    await ledger.retireUnsubscribed(tenant, USUAL_PACE.drainMs);
    return report;
  };
}
