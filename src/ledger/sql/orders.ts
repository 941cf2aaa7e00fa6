import type { ArchiveId, ArchiveKey, TenantId } from '../../domain/ids';
import type { GivenOrder } from '../../domain/orders';
import type { ArchiveRecord } from '../../domain/record';
import { storableText } from '../columns';
import { readEntry } from '../entry';
import type { Columns } from '../postgres';
import { call, interval, type Run } from '../run-statement';

/** The standing orders of an archive, whether it is told, and its flights. */
export type OrderLook = Readonly<ReturnType<typeof readLook>>;

/** The flaw that an order makes the ledger's judgement accept. */
const ACCEPTANCE = {
  retry: null,
  acceptWithoutChecksum: 'withoutChecksum',
  acceptUnreadable: 'unreadable',
} as const;

/** Orders, each one transaction that locks the row, writes, and looks for flights in a later statement. */
export function orders(run: Run) {
  const ask = async (name: string, ...parameters: readonly unknown[]) =>
    readLook(await call<Columns | null>(run, name, ...parameters));
  return {
    /**
     * Writes an order. For an archive without a row, `shown` (what its record showed) makes the row in the same transaction;
     * without it nothing is written, and the look says that there is no entry.
     */
    writeOrder: (key: ArchiveKey, order: GivenOrder, shown?: ArchiveRecord): Promise<OrderLook> =>
      ask(...callOf(key, order, shown)),

    /** Reads the standing orders of an archive, and, at the same moment, whether it is told and in flight. */
    look: ({ tenant, archiveId }: ArchiveKey): Promise<OrderLook> => ask('look', tenant, archiveId, false),

    /** Writes a conference that a record showed, so that a look finds the flights of that one, too. */
    noteShown: ({ tenant, archiveId }: ArchiveKey, shown: Shown): Promise<OrderLook> =>
      ask('order_nothing', tenant, archiveId, ...conferenceAndStatus(shown)),

    /**
     * Moves to `failed` if an order to end stands, nothing was told, and no request may still take effect. Call it only
     * after the record was read, or if no request was ever begun.
     */
    conclude: ({ tenant, archiveId }: ArchiveKey, reason: string): Promise<OrderLook> =>
      ask('conclude', tenant, archiveId, reason),

    /**
     * Orders the abandon of these archives of one conference in copy-only mode, all in one transaction; claims that wait are
     * queued.
     * @returns how many orders were new
     */
    async orderAbandon(
      tenant: TenantId,
      archiveIds: readonly ArchiveId[],
      by: string,
      reason?: string,
    ): Promise<number> {
      return await call(run, 'order_abandon', tenant, archiveIds, by, reason);
    },
  };
}

type Shown = Pick<ArchiveRecord, 'conferenceId' | 'status'>;

/** The function that writes an order, and its parameters. */
function callOf(
  { tenant, archiveId }: ArchiveKey,
  order: GivenOrder,
  shown: ArchiveRecord | undefined,
): [name: string, ...parameters: unknown[]] {
  const key = [tenant, archiveId];
  const who = [order.by, order.reason, order.id];
  const record = conferenceAndStatus(shown);
  switch (order.kind) {
    case 'hold':
      return ['order_hold', ...key, ...who, ...record];
    case 'release':
      return ['order_release', ...key, ...who];
    case 'giveUp':
      return ['order_end', ...key, order.kind, null, ...who, ...record];
    case 'cancel':
      return ['order_end', ...key, 'cancelled', null, ...who, ...record];
    case 'deadline': {
      const passed = order.deadlineAt === undefined ? null : new Date(order.deadlineAt).toISOString();
      return ['order_end', ...key, order.kind, passed, ...who, ...record];
    }
    case 'claim':
      return ['order_claim', ...key, ...who, ...record];
    case 'retry':
    case 'acceptWithoutChecksum':
    case 'acceptUnreadable':
      return ['order_go_on', ...key, order.kind, ACCEPTANCE[order.kind], ...who];
    case 'extend':
      return ['order_extend', ...key, interval(order.ms), ...who];
  }
}

function conferenceAndStatus(shown: Shown | undefined) {
  return [shown?.conferenceId, shown && storableText(shown.status)];
}

function readLook(row: Columns | null) {
  const isShown = row?.['was_shown'] === true;
  return {
    entry: isShown ? readEntry(row['e']) : undefined,
    /** Whether this call changed something: an order that stands already, or does not fit, is not written again. */
    written: row?.['was_written'] === true,
    told: row?.['is_told'] === true,
    /** Requests that may touch the archive: those that may still take effect, and those that ever were begun. */
    flightsOpen: Number(row?.['flights_open'] ?? 0),
    flightsEver: Number(row?.['flights_ever'] ?? 0),
  };
}
