import { log } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { OVERDUE_MS, type SweepBatch } from '../../domain/sweep';
import { noteToldMembers } from '../claim/members';
import { decideAgain } from '../claim/orders';
import type { Dependencies } from '../dependencies';
import { whileAlive } from '../heartbeats';
import { show } from '../metrics';
import { confirmDeletions } from './confirm-deletions';
import { recheckCopies } from './recheck-copies';
import { Turn, workOff } from './turn';

/** Milliseconds after a claim's end before the sweep queues its abandon: until then, whoever removed the obstacle queues it. */
const QUIET_MS = 10 * 60_000;

/**
 * How long a request may still take effect, in milliseconds: a day. That no platform acts on a request later than this is our
 * assumption, not the platform's promise.
 */
const SETTLED_AFTER_MS = 24 * 60 * 60_000;

/** Flights that are settled concurrently. */
const LANES = 4;
/** Orders about which one batch asks the platform, at most. */
const MOST_ORDERS = 100;

/**
 * One batch of what the ledger says is due, whoever abandoned the archives and whatever Temporal knows: settles old flights,
 * decides orders, queues abandons, verifies copies again, confirms deletions, closes rows, and removes unneeded partial copies.
 * It may be killed anywhere and run concurrently: every change is made once.
 * @throws ArchivistError the failure of a part, unless the batch found damaged copies, which it must report
 */
export async function sweepDue(dependencies: Dependencies, tenant: TenantId): Promise<SweepBatch> {
  const { ledger, platformOf, settings } = dependencies;
  platformOf(tenant);
  const turn = new Turn();
  const recheck = () => recheckCopies(dependencies, tenant, turn);
  // The platform client limits the whole time of each record, however slowly it arrives: these heartbeats may go by the clock.
  const resolve = () => whileAlive(resolveAbandons);
  const confirm = () => whileAlive(() => confirmDeletions(dependencies, tenant, turn));
  const tidy = () => removeLeftovers(dependencies, tenant, turn).then(() => false);
  // Each part with the milliseconds after which it begins nothing more: about a minute in all.
  const parts: readonly (readonly [ms: number, work: () => Promise<boolean>])[] = [
    [15_000, resolve],
    [25_000, recheck],
    [15_000, confirm],
    // A copy is due to be verified again as soon as the platform's deletion is confirmed.
    [10_000, recheck],
    [5_000, tidy],
  ];
  const showOverdue = async (): Promise<void> => {
    const [overdue] = await ledger.countOverdue([tenant], OVERDUE_MS);
    show(tenant, { archivist_rechecks_overdue: overdue?.rechecks ?? 0 });
  };
  // Before the parts, too: reading one large copy can take hours, in which the metric would not change.
  await showOverdue();
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
  await showOverdue();
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
 * Ends the flights that are a day old: what their archives' records show now is the effect of the request. A flight stays open
 * while one of the records cannot be read.
 * @returns whether more is due
 */
async function settleFlights(sources: Dependencies, tenant: TenantId, turn: Turn): Promise<boolean> {
  const { ledger } = sources;
  const take = (limit: number) => ledger.flightsToSettle(tenant, SETTLED_AFTER_MS, limit);
  return await workOff(
    turn,
    { take, idOf: ({ flightId }) => flightId, lanes: LANES },
    async ({ flightId, untold }) => {
      const archiveIds = untold.map(({ archiveId }) => archiveId);
      const { failure } = await noteToldMembers(sources, tenant, archiveIds, turn.signal);
      if (failure) {
        log.warn('A record could not be read', { tenant, flightId, reason: failure.message });
        return 'unclear';
      }
      await ledger.endFlight(flightId, 'settled');
      turn.counts.settled += 1;
      return 'done';
    },
  );
}

/** Decides orders to end a claim that could not be decided when they were given, because a request was in flight. */
async function concludeOrders(sources: Dependencies, tenant: TenantId, turn: Turn): Promise<void> {
  for (const key of await sources.ledger.undecided(tenant, MOST_ORDERS)) {
    if (turn.isOver) return;
    await decideAgain(sources, key);
  }
}

/**
 * Removes the unfinished copies of archives that were given up, cancelled or missed: nothing resumes them, and they hold personal
 * data. A claim that a person begins meanwhile finds its copy gone and downloads it again.
 */
async function removeLeftovers({ ledger, store }: Dependencies, tenant: TenantId, turn: Turn): Promise<void> {
  const incoming = await store.withIncoming(tenant);
  if (incoming.length === 0) return;
  for (const archiveId of await ledger.unwanted(tenant, incoming)) {
    if (turn.isOver) return;
    await store.discardAll({ tenant, archiveId });
    turn.beat();
    log.info('Removed the unfinished copies of an archive that nobody wants', { tenant, archiveId });
  }
}

/** @throws errors that are not named, cancellation included, and `LedgerUnavailable`, which stops every other part, too */
function requireNamed(error: unknown): ArchivistError {
  if (error instanceof ArchivistError && error.type !== 'LedgerUnavailable') return error;
  throw error;
}
