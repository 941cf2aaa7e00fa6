import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../domain/ids';
import type { Columns, Database } from '../database';
import { readState } from '../entry';
import type { LeasedRow, Queue, QueueOrigin } from '../ports/queue';
import { runStatement } from '../run-statement';
import { IS_SETTLED } from './archives';

/** Milliseconds after which a hint about an archive that the platform does not know is due again, by the number of its answers. */
const UNKNOWN_AGAIN_MS = [60_000, 5 * 60_000, 15 * 60_000, 40 * 60_000];

/**
 * One insert for all, durable at its end, in the order of the keys, so that two gateways with the same notifications never wait
 * for each other. The first of several notifications of one archive is the one that counts.
 */
const ENQUEUE_HINTS = `
WITH given AS (
  SELECT *, row_number() OVER (PARTITION BY tenant, archive_id ORDER BY nth) AS repetition
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g (tenant, archive_id, nth)
), accepted AS (
  INSERT INTO queue (tenant, archive_id, origin)
  SELECT g.tenant, g.archive_id, 'hint'
  FROM given AS g LEFT JOIN archives AS a ON a.tenant = g.tenant AND a.archive_id = g.archive_id
  WHERE g.repetition = 1 AND (
    a.tenant IS NULL
    OR NOT ${IS_SETTLED} AND (
      a.run_id = ''
      OR a.ended_at IS NULL AND (a.state = 'waiting' OR a.attention IS NOT NULL)
      OR a.state = 'failed' AND a.state_since < statement_timestamp() - interval '1 day'
    )
  )
  ORDER BY g.tenant COLLATE "C", g.archive_id COLLATE "C"
  ON CONFLICT DO NOTHING
  RETURNING tenant, archive_id
)
SELECT g.repetition = 1 AND a.tenant IS NOT NULL AS accepted
FROM given AS g LEFT JOIN accepted AS a ON a.tenant = g.tenant AND a.archive_id = g.archive_id
ORDER BY g.nth`;

/** Queues at once; the stronger origin stays, and a lease ends: its holder does not know of the news. */
const ENQUEUE = `
INSERT INTO queue (tenant, archive_id, origin)
SELECT DISTINCT tenant COLLATE "C", archive_id COLLATE "C", $3
FROM unnest($1::text[], $2::text[]) AS g (tenant, archive_id)
ORDER BY 1, 2
ON CONFLICT (tenant, archive_id) DO UPDATE SET
  origin = CASE
    WHEN 'order' IN (queue.origin, excluded.origin) THEN 'order'
    WHEN 'list' IN (queue.origin, excluded.origin) THEN 'list'
    ELSE 'retry'
  END,
  due_at = least(queue.due_at, excluded.due_at),
  leased_by = NULL`;

/**
 * Each tenant's rows get their turns one by one, hints last, so that one tenant's flood keeps no other from its own. SKIP LOCKED,
 * so that several drainers each get their own. A lease that ends unanswered gives its rows back by itself.
 */
const LEASE = `
WITH due AS (
  SELECT row.tenant, row.archive_id, row.turn
  FROM unnest($1::text[]) AS given (tenant) CROSS JOIN LATERAL (
    SELECT locked.*, row_number() OVER (ORDER BY locked.origin = 'hint', locked.due_at) AS turn
    FROM (
      SELECT tenant, archive_id, origin, due_at FROM queue
      WHERE tenant = given.tenant AND due_at <= statement_timestamp()
      ORDER BY (origin = 'hint'), due_at
      LIMIT $2
      FOR UPDATE SKIP LOCKED
    ) AS locked
  ) AS row
  -- Nobody is always first among those whose turn is the same.
  ORDER BY row.turn, random()
  LIMIT $2
), leased AS (
  UPDATE queue AS q SET
    due_at = clock_timestamp() + $3::float8 * interval '1 millisecond', attempts = q.attempts + 1, leased_by = $4
  FROM due
  WHERE q.tenant = due.tenant AND q.archive_id = due.archive_id
  RETURNING q.tenant, q.archive_id, q.origin, q.attempts, due.turn
)
SELECT
  l.tenant, l.archive_id, l.origin, l.attempts,
  a.state, a.run_id <> '' AND a.ended_at IS NULL AS under_way, a.attention IS NOT NULL AS attention, ${IS_SETTLED} AS settled
FROM leased AS l LEFT JOIN archives AS a ON a.tenant = l.tenant AND a.archive_id = l.archive_id
ORDER BY l.origin = 'hint', l.turn`;

/** Locks in the order of the keys; rows that somebody else has leased or queued anew meanwhile are left alone. */
const POSTPONE = `
WITH held AS (
  SELECT q.tenant, q.archive_id, g.due_in_ms
  FROM queue AS q JOIN unnest($1::text[], $2::text[], $3::float8[]) AS g (tenant, archive_id, due_in_ms)
    ON g.tenant = q.tenant AND g.archive_id = q.archive_id
  WHERE q.leased_by = $4
  ORDER BY q.tenant, q.archive_id
  FOR UPDATE OF q
)
UPDATE queue AS q SET
  due_at = clock_timestamp() + held.due_in_ms * interval '1 millisecond',
  attempts = CASE WHEN held.due_in_ms = 0 THEN greatest(q.attempts - 1, 0) ELSE q.attempts END,
  leased_by = NULL
FROM held
WHERE q.tenant = held.tenant AND q.archive_id = held.archive_id`;

/** As `POSTPONE` finds them. */
const DEQUEUE = `
WITH held AS (
  SELECT q.tenant, q.archive_id
  FROM queue AS q JOIN unnest($1::text[], $2::text[]) AS g (tenant, archive_id)
    ON g.tenant = q.tenant AND g.archive_id = q.archive_id
  WHERE q.leased_by = $3
  ORDER BY q.tenant, q.archive_id
  FOR UPDATE OF q
)
DELETE FROM queue AS q USING held WHERE q.tenant = held.tenant AND q.archive_id = held.archive_id`;

/** Counts an answer 404, and drops a hint whose pauses are used up; only of hints. */
const NOTE_UNKNOWN = `
WITH found AS (
  SELECT origin, misses FROM queue WHERE tenant = $1 AND archive_id = $2 FOR UPDATE
), postponed AS (
  UPDATE queue AS q SET
    misses = q.misses + 1,
    due_at = clock_timestamp() + ($3::float8[])[q.misses + 1] * interval '1 millisecond',
    leased_by = NULL
  FROM found
  WHERE q.tenant = $1 AND q.archive_id = $2 AND found.origin = 'hint' AND found.misses < cardinality($3::float8[])
  RETURNING true
), dropped AS (
  DELETE FROM queue AS q USING found
  WHERE q.tenant = $1 AND q.archive_id = $2 AND found.origin = 'hint' AND found.misses >= cardinality($3::float8[])
  RETURNING true
)
SELECT coalesce(
  (SELECT 'postponed' FROM postponed), (SELECT 'dropped' FROM dropped), (SELECT 'kept' FROM found), 'absent'
) AS outcome`;

const MEASURE = `
SELECT count(*)::float8 AS entries,
  coalesce(extract(epoch FROM statement_timestamp() - min(due_at) FILTER (WHERE due_at < statement_timestamp())), 0)::float8 AS oldest
FROM queue`;

export function queue(database: Database): Queue {
  const run = (name: string, text: string, parameters: readonly unknown[] = []) =>
    runStatement(database, name, text, parameters);
  return {
    async enqueueHints(keys, timeoutMs) {
      const rows = await runStatement(database, 'enqueue hints', ENQUEUE_HINTS, columnsOf(keys), timeoutMs);
      return rows.map((row) => (row['accepted'] === true ? 'accepted' : 'duplicate'));
    },

    async enqueue(keys, origin) {
      await run('enqueue', ENQUEUE, [...columnsOf(keys), origin]);
    },

    async lease({ tenants, limit, leaseMs, leasedBy }) {
      return (await run('lease', LEASE, [tenants, limit, leaseMs, leasedBy])).map(readLeased);
    },

    async postpone(rows, leasedBy) {
      await run('postpone', POSTPONE, [...columnsOf(rows), rows.map(({ dueInMs }) => dueInMs), leasedBy]);
    },

    async dequeue(keys, leasedBy) {
      await run('dequeue', DEQUEUE, [...columnsOf(keys), leasedBy]);
    },

    async noteUnknown({ tenant, archiveId }) {
      const [row] = await run('note unknown', NOTE_UNKNOWN, [tenant, archiveId, UNKNOWN_AGAIN_MS]);
      return row?.['outcome'] as Awaited<ReturnType<Queue['noteUnknown']>>;
    },

    async measureQueue() {
      const [row] = await run('measure queue', MEASURE);
      return { entries: Number(row?.['entries']), oldestSeconds: Number(row?.['oldest']) };
    },
  };
}

/** Keys as two arrays, for `unnest`. */
function columnsOf(keys: readonly ArchiveKey[]): [tenants: string[], archiveIds: string[]] {
  return [keys.map(({ tenant }) => tenant), keys.map(({ archiveId }) => archiveId)];
}

function readLeased(row: Columns): LeasedRow {
  return {
    tenant: parseTenantId(row['tenant']),
    archiveId: parseArchiveId(row['archive_id']),
    origin: row['origin'] as QueueOrigin,
    attempts: Number(row['attempts']),
    ...(row['state'] !== null && {
      known: {
        state: readState(row['state']),
        underWay: row['under_way'] === true,
        settled: row['settled'] === true,
        attention: row['attention'] === true,
      },
    }),
  };
}
