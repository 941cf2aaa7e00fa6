import type { LedgerEvent, LedgerRow } from './evidence';

/** What runs SQL: a client of `pg`. */
export interface Database {
  query(sql: string): Promise<{ readonly rows: unknown[] }>;
}

const ROWS = `
SELECT
  tenant, archive_id AS "archiveId", state, sha256, attention, warning,
  coalesce(chains.sequence, 0) AS "eventCount", coalesce(chains.hash, '') AS "lastEventHash"
FROM archives LEFT JOIN chains USING (tenant, archive_id) ORDER BY tenant, archive_id`;

/** Time and detail as the text that an event's hash is over. */
const EVENTS = `
SELECT
  tenant, archive_id AS "archiveId", sequence, type, outcome,
  to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
  detail::text AS detail, previous_hash AS "previousHash", hash
FROM events ORDER BY tenant, archive_id, sequence`;

export async function readRows(database: Database): Promise<readonly LedgerRow[]> {
  return (await database.query(ROWS)).rows as LedgerRow[];
}

export async function readEvents(database: Database): Promise<readonly LedgerEvent[]> {
  return (await database.query(EVENTS)).rows as LedgerEvent[];
}
