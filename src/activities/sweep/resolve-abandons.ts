import { log } from '@temporalio/activity';
import type { TenantId } from '../../domain/ids';
import { noteToldMembers } from '../claim/members';
import { decideAgain } from '../claim/orders';
import type { Dependencies } from '../dependencies';
import { workOff, type Turn } from './turn';

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

/**
 * Ends the flights that are a day old: what the records of their archives show now is what the request did. A flight stays open
 * while one of the records cannot be read.
 * @returns whether more is due
 */
export async function settleFlights(sources: Sources, tenant: TenantId, turn: Turn): Promise<boolean> {
  const { ledger } = sources;
  const take = (limit: number) => ledger.flightsToSettle(tenant, SETTLED_AFTER_MS, limit);
  const isToStop = (): boolean => turn.isOver;
  return await workOff(
    { take, idOf: ({ flightId }) => flightId, page: PAGE, lanes: LANES, isToStop },
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

/** Decides orders to end a claim that could not be decided when they were given, as a request was under way then. */
export async function concludeOrders(sources: Sources, tenant: TenantId, turn: Turn): Promise<void> {
  for (const key of await sources.ledger.undecided(tenant, MOST_ORDERS)) {
    if (turn.isOver) return;
    await decideAgain(sources, key);
  }
}
