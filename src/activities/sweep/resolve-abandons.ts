import { log } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey, TenantId } from '../../domain/ids';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { ArchiveRecord } from '../../domain/record';
import { expiryTerms } from '../claim/facts';
import { decideAgain } from '../claim/orders';
import type { Dependencies } from '../dependencies';
import { inParallel, type Turn } from './turn';

type Sources = Pick<Dependencies, 'ledger' | 'platformOf' | 'expiry'>;

/**
 * How long a request may still take effect, in milliseconds: a day. That no platform acts on a request later than this is our
 * assumption, not the platform's promise.
 */
const SETTLED_AFTER_MS = 24 * 60 * 60_000;

/** Flights that are asked of the ledger, and settled, at a time. */
const PAGE = 200;
const LANES = 4;
/** Orders that one batch asks the platform about. */
const MOST_ORDERS = 100;

type Flight = Awaited<ReturnType<Sources['ledger']['flightsToSettle']>>[number];

/**
 * Ends the flights that are a day old: what the records of their archives show now is what the request did. A flight stays open
 * while one of the records cannot be read.
 * @returns whether more is due
 */
export async function settleFlights(sources: Sources, tenant: TenantId, turn: Turn): Promise<boolean> {
  // They stay due, and must not keep others from their turn.
  const unclear = new Set<string>();
  for (;;) {
    const due = await sources.ledger.flightsToSettle(tenant, SETTLED_AFTER_MS, PAGE + unclear.size);
    const fresh = due.filter(({ flightId }) => !unclear.has(flightId));
    if (fresh.length === 0) return false;
    await inParallel(fresh, LANES, async (flight) => {
      if (turn.isOver) return;
      if (!(await settle(sources, tenant, flight, turn))) unclear.add(flight.flightId);
    });
    if (turn.isOver) return true;
  }
}

/** @returns whether it was settled */
async function settle(
  { ledger, platformOf, expiry }: Sources,
  tenant: TenantId,
  { flightId, untold }: Flight,
  turn: Turn,
): Promise<boolean> {
  const told: { archiveId: ArchiveKey['archiveId']; status: string }[] = [];
  let isSeen = true;
  for (const key of untold) {
    const record = await recordOf({ platformOf }, key, turn);
    if (record === undefined) isSeen = false;
    else if (platformConfirmedAbandon(record.status))
      told.push({ archiveId: key.archiveId, status: record.status });
  }
  if (told.length > 0) await ledger.noteTold(tenant, told, expiryTerms(expiry));
  if (!isSeen) return false;
  await ledger.endFlight(flightId, 'settled');
  turn.counts.settled += 1;
  return true;
}

/** Decides orders to end a claim that could not be decided when they were given, as a request was under way then. */
export async function concludeOrders(sources: Sources, tenant: TenantId, turn: Turn): Promise<void> {
  for (const key of await sources.ledger.undecided(tenant, MOST_ORDERS)) {
    if (turn.isOver) return;
    await decideAgain(sources, key);
  }
}

/** @returns `undefined` if the record could not be read, which says nothing */
async function recordOf(
  { platformOf }: Pick<Sources, 'platformOf'>,
  key: ArchiveKey,
  { signal }: Turn,
): Promise<ArchiveRecord | undefined> {
  try {
    return await platformOf(key.tenant).fetchRecord(key, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ArchivistError)) throw error;
    log.warn('A record could not be read', {
      tenant: key.tenant,
      archiveId: key.archiveId,
      reason: error.message,
    });
    return undefined;
  }
}
