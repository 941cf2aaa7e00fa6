import { SHOWN_STATES, type ShownState } from '../../domain/states';
import type { Columns, Database } from '../database';
import { readDate, readEntry } from '../entry';
import type { Ledger, LedgerEvent } from '../ledger';
import { runStatement } from '../run-statement';

type Archives = Pick<Ledger, 'ping' | 'find' | 'findRecord' | 'list' | 'history' | 'listSecured' | 'count'>;

const PING = 'SELECT 1';

const FIND = 'SELECT to_jsonb(a) AS entry FROM archives AS a WHERE tenant = $1 AND archive_id = $2';

const FIND_RECORD = 'SELECT source FROM records WHERE tenant = $1 AND archive_id = $2';

/** An archive that needs a person keeps its state, and is listed as `attention` besides. */
const LIST = `
SELECT to_jsonb(a) AS entry
FROM archives AS a
WHERE ($1::text IS NULL OR state = $1 OR $1 = 'attention' AND attention IS NOT NULL) AND ($2::text IS NULL OR tenant = $2)
ORDER BY state_since DESC, tenant, archive_id
LIMIT $3`;

/** The archive's events in the order of their chain. */
const HISTORY = `
SELECT sequence, at, type, outcome, detail, hash
FROM events
WHERE tenant = $1 AND archive_id = $2
ORDER BY sequence`;

/** A page begins after the key that the one before ended with, and costs the same however far it is. */
const LIST_SECURED = `
SELECT to_jsonb(a) AS entry
FROM archives AS a
WHERE secured_at IS NOT NULL AND ($1::text IS NULL OR tenant = $1)
  AND ($2::text IS NULL OR (tenant, archive_id) > ($2, $3))
ORDER BY tenant, archive_id
LIMIT $4`;

/** Each archive counts once: as `attention` if it needs a person. */
const COUNT = `
SELECT CASE WHEN attention IS NULL THEN state ELSE 'attention' END AS state, count(*)::float8 AS entries
FROM archives
GROUP BY 1`;

/**
 * Nothing is left to claim of the row `a`, a person decided against it, its deadline passed less than a day ago, it is held, or
 * it expired before there was a copy.
 */
export const IS_SETTLED = `coalesce(
  a.told_at IS NOT NULL AND a.secured_at IS NOT NULL
  OR a.decision IN ('giveUp', 'cancelled')
  OR a.decision = 'deadline' AND a.decided_at > statement_timestamp() - interval '1 day'
  OR a.secured_at IS NOT NULL AND a.held_at IS NOT NULL
  OR a.state = 'missed' AND a.platform_status = 'EXPIRED',
  false
)`;

export function archives(database: Database): Archives {
  const run = (name: string, text: string, parameters: readonly unknown[] = []) =>
    runStatement(database, name, text, parameters);
  return {
    async ping() {
      await run('ping', PING);
    },

    async find({ tenant, archiveId }) {
      const [row] = await run('find', FIND, [tenant, archiveId]);
      return row && readEntry(row['entry']);
    },

    async findRecord({ tenant, archiveId }) {
      const [row] = await run('find record', FIND_RECORD, [tenant, archiveId]);
      return row && String(row['source']);
    },

    async list({ state, tenant, limit }) {
      const rows = await run('list', LIST, [state ?? null, tenant ?? null, limit]);
      return rows.map((row) => readEntry(row['entry']));
    },

    async history({ tenant, archiveId }) {
      return (await run('history', HISTORY, [tenant, archiveId])).map(readEvent);
    },

    async listSecured({ tenant, after, limit }) {
      const parameters = [tenant ?? null, after?.tenant ?? null, after?.archiveId ?? null, limit];
      return (await run('list secured', LIST_SECURED, parameters)).map((row) => readEntry(row['entry']));
    },

    async count() {
      const rows = await run('count', COUNT);
      const counts = new Map(rows.map((row) => [String(row['state']), Number(row['entries'])]));
      return Object.fromEntries(SHOWN_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<
        ShownState,
        number
      >;
    },
  };
}

function readEvent(row: Columns): LedgerEvent {
  return {
    sequence: Number(row['sequence']),
    at: readDate(row['at']),
    type: String(row['type']),
    outcome: row['outcome'] as LedgerEvent['outcome'],
    detail: row['detail'] as LedgerEvent['detail'],
    hash: String(row['hash']),
  };
}
