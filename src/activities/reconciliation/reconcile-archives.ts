import { cancellationSignal, log } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { USUAL_WAITS } from '../../domain/subscriptions';
import type { Dependencies } from '../dependencies';
import { whileAlive } from '../heartbeats';
import { count, show } from '../metrics';

/**
 * Reads the platform's list, records it, and queues archives that nothing else has queued. An archive's absence means
 * nothing, whether the list is whole or not. It also retires the secrets of subscriptions that were deleted long enough ago.
 */
export async function reconcileArchives(
  { lists, ledger }: Pick<Dependencies, 'lists' | 'ledger'>,
  tenant: TenantId,
): Promise<ReconcileReport> {
  count(tenant, { archivist_reconcile_queued: 0, archivist_reconcile_incomplete: 0 });
  const report = await whileAlive(() => lists.read(tenant, cancellationSignal()));
  const { listed, missed, unusable, incomplete, problem } = report;
  show(tenant, { archivist_reconcile_unusable_ids: unusable });
  if (incomplete === undefined)
    show(tenant, {
      archivist_reconcile_listed: listed,
      archivist_reconcile_missed: missed,
      archivist_reconcile_last_success_timestamp_seconds: Math.round(Date.now() / 1000),
    });
  else
    log.warn('The list is not whole: nothing is concluded from what it lacks', {
      tenant,
      reason: incomplete,
      problem,
    });
  await ledger.retireUnsubscribed(tenant, USUAL_WAITS.drainMs);
  return report;
}
