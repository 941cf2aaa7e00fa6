import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../../domain/ids';
import type { GivenOrder } from '../../domain/orders';
import { storableText } from '../columns';
import { readEntry, type LedgerEntry, type RecordNote } from '../entry';
import type { Columns } from '../postgres';
import type { Run } from '../run-statement';

export interface OrderLook {
  readonly entry?: LedgerEntry;
  /** Whether this call changed something: an order that stands already, or does not fit, is not written again. */
  readonly written: boolean;
  readonly told: boolean;
  /** Requests that may touch the archive: those that may still take effect, and those that ever were begun. */
  readonly flightsOpen: number;
  readonly flightsEver: number;
  readonly conferenceIds: readonly ConferenceId[];
}

/** What the order lets the ledger's judgement accept. */
const ACCEPTANCE = {
  retry: null,
  acceptWithoutChecksum: 'withoutChecksum',
  acceptUnreadable: 'unreadable',
} as const;

/** Orders, each one transaction that locks the row, writes, and looks for flights in a later statement. */
export function orders(run: Run) {
  const ask = async (name: string, call: string, parameters: readonly unknown[]) => {
    const statement = `SELECT was_shown, was_written, is_told, flights_open, flights_ever, to_jsonb(e) AS entry FROM ${call}`;
    const [row] = await run(name, statement, parameters);
    return readLook(row);
  };
  return {
    /**
     * Writes an order. For an archive without a row, `shown` (what its record showed) makes the row in the same transaction;
     * without it nothing is written, and the look says that there is no entry.
     */
    writeOrder: (key: ArchiveKey, order: GivenOrder, shown?: RecordNote): Promise<OrderLook> =>
      ask(`order ${order.kind}`, ...statementOf(key, order, shown)),

    /** What stands of an archive's orders now, in one moment: what is told and what is in flight belong together. */
    look: ({ tenant, archiveId }: ArchiveKey): Promise<OrderLook> =>
      ask('look', 'look($1, $2, false)', [tenant, archiveId]),

    /** Writes a conference that a record showed, so that a look finds the flights of that one, too. */
    noteShown: ({ tenant, archiveId }: ArchiveKey, shown: Shown): Promise<OrderLook> =>
      ask('note shown', 'order_nothing($1, $2, $3, $4)', [tenant, archiveId, ...conferenceAndStatus(shown)]),

    /**
     * `failed`, if an order to end stands, nothing was told, and no request may still take effect. Only after the record was read,
     * or if none ever was begun.
     */
    conclude: ({ tenant, archiveId }: ArchiveKey, reason: string): Promise<OrderLook> =>
      ask('conclude', 'conclude($1, $2, $3)', [tenant, archiveId, reason]),

    /**
     * Has these archives of one conference abandoned although copy-only mode is on: all in one transaction; claims that wait are
     * queued.
     * @returns how many orders were new
     */
    async orderAbandon(
      tenant: TenantId,
      archiveIds: readonly ArchiveId[],
      by: string,
      reason?: string,
    ): Promise<number> {
      const statement = 'SELECT order_abandon($1, $2::text[], $3, $4) AS ordered';
      const [row = {}] = await run('order abandon', statement, [tenant, archiveIds, by, reason ?? null]);
      return Number(row['ordered']);
    },
  };
}

type Shown = Pick<RecordNote, 'conferenceId' | 'platformStatus'>;

function statementOf(
  { tenant, archiveId }: ArchiveKey,
  order: GivenOrder,
  shown: RecordNote | undefined,
): [call: string, parameters: unknown[]] {
  const who = [order.by, order.reason ?? null];
  const record = conferenceAndStatus(shown);
  switch (order.kind) {
    case 'hold':
      return ['order_hold($1, $2, $3, $4, $5, $6)', [tenant, archiveId, ...who, ...record]];
    case 'release':
      return ['order_release($1, $2, $3, $4)', [tenant, archiveId, ...who]];
    case 'giveUp':
    case 'deadline':
      return ['order_end($1, $2, $3, $4, $5, $6, $7)', [tenant, archiveId, order.kind, ...who, ...record]];
    case 'cancel':
      return ['order_end($1, $2, $3, $4, $5, $6, $7)', [tenant, archiveId, 'cancelled', ...who, ...record]];
    case 'claim':
      return ['order_claim($1, $2, $3, $4, $5, $6)', [tenant, archiveId, ...who, ...record]];
    case 'retry':
    case 'acceptWithoutChecksum':
    case 'acceptUnreadable':
      return [
        'order_go_on($1, $2, $3, $4, $5, $6)',
        [tenant, archiveId, order.kind, ACCEPTANCE[order.kind], ...who],
      ];
    case 'extend':
      return [
        "order_extend($1, $2, $3::float8 * interval '1 millisecond', $4, $5)",
        [tenant, archiveId, order.ms, ...who],
      ];
  }
}

function conferenceAndStatus(shown: Shown | undefined) {
  return [shown?.conferenceId ?? null, shown === undefined ? null : storableText(shown.platformStatus)];
}

function readLook(row: Columns | undefined): OrderLook {
  if (row?.['was_shown'] !== true) {
    return { written: false, told: false, flightsOpen: 0, flightsEver: 0, conferenceIds: [] };
  }
  const entry = readEntry(row['entry']);
  return {
    entry,
    written: row['was_written'] === true,
    told: row['is_told'] === true,
    flightsOpen: Number(row['flights_open']),
    flightsEver: Number(row['flights_ever']),
    conferenceIds: entry.conferenceIds,
  };
}
