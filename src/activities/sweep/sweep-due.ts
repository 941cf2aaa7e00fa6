import { log } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import type { SweepBatch } from '../../domain/sweep';
import type { Dependencies } from '../dependencies';
import { whileAlive } from '../heartbeats';
import { show } from '../metrics';
import { confirmDeletions } from './confirm-deletions';
import { recheckCopies } from './recheck-copies';
import { concludeOrders, settleFlights } from './resolve-abandons';
import { Turn } from './turn';

/** Milliseconds that a claim has been over before its abandon is queued again: whoever removed what it waited for has done so. */
const QUIET_MS = 10 * 60_000;
/** Milliseconds after which a fixity check that is due is overdue. */
const LATE_MS = 60 * 60_000;

/**
 * One batch of what the ledger says is due, whoever abandoned the archives and whatever became of Temporal: old flights are settled,
 * orders decided, abandons queued, copies verified again, deletions confirmed, rows closed, and unfinished copies removed that nobody
 * wants. It may be killed anywhere and run twice at the same time: every change is made once.
 * @throws ArchivistError what kept a part from its end, unless copies were found damaged, which must be told
 */
export async function sweepDue(dependencies: Dependencies, tenant: TenantId): Promise<SweepBatch> {
  const { ledger, platformOf, settings } = dependencies;
  platformOf(tenant);
  const turn = new Turn();
  const recheck = () => recheckCopies(dependencies, tenant, turn);
  // Requests to the platform have time limits of their own: their heartbeats go by the clock.
  const resolve = () => whileAlive(resolveAbandons);
  const confirm = () => whileAlive(() => confirmDeletions(dependencies, tenant, turn));
  const tidy = () => whileAlive(() => removeLeftovers(dependencies, tenant, turn).then(() => false));
  // Each with the milliseconds after which it takes up nothing more: about a minute in all.
  const parts: readonly (readonly [ms: number, work: () => Promise<boolean>])[] = [
    [15_000, resolve],
    [25_000, recheck],
    [15_000, confirm],
    // What is gone on the platform is due to be verified from that moment on.
    [10_000, recheck],
    [5_000, tidy],
  ];
  let more = false;
  let failure: ArchivistError | undefined;
  for (const [ms, work] of parts) {
    try {
      turn.begin(ms);
      more = (await work()) || more;
    } catch (error) {
      failure = requireNamed(error);
      log.warn('A part of the sweep failed', { tenant, reason: failure.message });
    }
  }
  show(tenant, { archivist_rechecks_overdue: await ledger.countOverdue(tenant, LATE_MS) });
  if (failure && turn.damaged.length === 0) throw failure;
  return turn.batch(more && !failure);

  async function resolveAbandons(): Promise<boolean> {
    const terms = { copyOnly: !settings.abandon, quietMs: QUIET_MS };
    turn.counts.queued += await ledger.queueAbandonable(tenant, terms);
    const isMore = await settleFlights(dependencies, tenant, turn);
    await concludeOrders(dependencies, tenant, turn);
    return isMore;
  }
}

/**
 * Removes the unfinished copies of archives that were given up, cancelled or missed: nobody goes on with them, and they hold personal
 * data. A claim that a person begins meanwhile finds its copy gone and downloads it again.
 */
async function removeLeftovers(
  { ledger, store }: Pick<Dependencies, 'ledger' | 'store'>,
  tenant: TenantId,
  turn: Turn,
): Promise<void> {
  const incoming = await store.withIncoming(tenant);
  if (incoming.length === 0) return;
  for (const archiveId of await ledger.unwanted(tenant, incoming)) {
    if (turn.isOver) return;
    await store.discardAll({ tenant, archiveId });
    log.info('Removed the unfinished copies of an archive that nobody wants', { tenant, archiveId });
  }
}

/** @throws what has no name, cancellation included, and what keeps every other part from its work */
function requireNamed(error: unknown): ArchivistError {
  if (error instanceof ArchivistError && error.type !== 'LedgerUnavailable') return error;
  throw error;
}
