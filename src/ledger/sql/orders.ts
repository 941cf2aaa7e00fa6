import type { ArchiveKey } from '../../domain/ids';
import type { GivenOrder } from '../../domain/orders';
import type { Columns, Database } from '../database';
import { readEntry } from '../entry';
import type { RecordNote } from '../ledger';
import type { OrderLook, Orders } from '../ports/orders';
import { runStatement } from '../run-statement';
import { storableText } from '../storable';

/** What every function of orders answers. */
const LOOK_COLUMNS = 'was_shown, was_written, is_told, flights_open, flights_ever, to_jsonb(e) AS entry';

/** Each locks the row, writes, and looks for flights in a later statement, in one transaction. */
const HOLD = `SELECT ${LOOK_COLUMNS} FROM order_hold($1, $2, $3, $4, $5, $6)`;
const RELEASE = `SELECT ${LOOK_COLUMNS} FROM order_release($1, $2, $3, $4)`;
const END = `SELECT ${LOOK_COLUMNS} FROM order_end($1, $2, $3, $4, $5, $6, $7)`;
const CLAIM = `SELECT ${LOOK_COLUMNS} FROM order_claim($1, $2, $3, $4, $5, $6)`;
const GO_ON = `SELECT ${LOOK_COLUMNS} FROM order_go_on($1, $2, $3, $4, $5, $6)`;
const EXTEND = `
SELECT ${LOOK_COLUMNS} FROM order_extend($1, $2, $3::float8 * interval '1 millisecond', $4, $5)`;

/** One moment: what is told and what is in flight belong together. */
const LOOK = `SELECT ${LOOK_COLUMNS} FROM look($1, $2, false)`;
const NOTE_SHOWN = `SELECT ${LOOK_COLUMNS} FROM order_nothing($1, $2, $3, $4)`;

/** `failed` only while an order to end stands, nothing was told and no request may still take effect. */
const CONCLUDE = `SELECT ${LOOK_COLUMNS} FROM conclude($1, $2, $3)`;

/** All of them in one transaction; claims that wait are queued. */
const ORDER_ABANDON = 'SELECT order_abandon($1, $2::text[], $3, $4) AS ordered';

/** What the order lets the ledger's judgement accept. */
const ACCEPTANCE = {
  retry: null,
  acceptWithoutChecksum: 'withoutChecksum',
  acceptUnreadable: 'unreadable',
} as const;

export function orders(database: Database): Orders {
  const ask = async (name: string, text: string, parameters: readonly unknown[]) => {
    const [row] = await runStatement(database, name, text, parameters);
    return readLook(row);
  };
  return {
    writeOrder: (key, order, shown) => ask(`order ${order.kind}`, ...statementOf(key, order, shown)),
    look: ({ tenant, archiveId }) => ask('look', LOOK, [tenant, archiveId]),
    noteShown: ({ tenant, archiveId }, shown) =>
      ask('note shown', NOTE_SHOWN, [tenant, archiveId, ...conferenceAndStatus(shown)]),
    conclude: ({ tenant, archiveId }, reason) => ask('conclude', CONCLUDE, [tenant, archiveId, reason]),
    async orderAbandon(tenant, archiveIds, by, reason) {
      const parameters = [tenant, archiveIds, by, reason ?? null];
      const [row] = await runStatement(database, 'order abandon', ORDER_ABANDON, parameters);
      return Number(row?.['ordered']);
    },
  };
}

function statementOf(
  { tenant, archiveId }: ArchiveKey,
  order: GivenOrder,
  shown: RecordNote | undefined,
): [text: string, parameters: unknown[]] {
  const who = [order.by, order.reason ?? null];
  const record = conferenceAndStatus(shown);
  switch (order.kind) {
    case 'hold':
      return [HOLD, [tenant, archiveId, ...who, ...record]];
    case 'release':
      return [RELEASE, [tenant, archiveId, ...who]];
    case 'giveUp':
    case 'deadline':
      return [END, [tenant, archiveId, order.kind, ...who, ...record]];
    case 'cancel':
      return [END, [tenant, archiveId, 'cancelled', ...who, ...record]];
    case 'claim':
      return [CLAIM, [tenant, archiveId, ...who, ...record]];
    case 'retry':
    case 'acceptWithoutChecksum':
    case 'acceptUnreadable':
      return [GO_ON, [tenant, archiveId, order.kind, ACCEPTANCE[order.kind], ...who]];
    case 'extend':
      return [EXTEND, [tenant, archiveId, order.ms, ...who]];
  }
}

function conferenceAndStatus(shown: Pick<RecordNote, 'conferenceId' | 'platformStatus'> | undefined) {
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
