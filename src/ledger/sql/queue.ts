import { parseArchiveId, parseTenantId, type ArchiveKey, type TenantId } from '../../domain/ids';
import type { ClaimState } from '../../domain/states';
import { readState } from '../columns';
import type { LedgerEntry } from '../entry';
import type { Columns } from '../postgres';
import type { Run } from '../run-statement';
import { archives, IS_SETTLED } from './archives';

/**
 * Why an archive is in the queue: a notification (`hint`), the platform's list, a person's order, or the removal of what
 * its claim has waited for (`retry`).
 */
type QueueOrigin = 'hint' | 'list' | 'order' | 'retry';

export interface LeasedRow extends ArchiveKey {
  readonly origin: QueueOrigin;
  /** How often it was leased, this time included. */
  readonly attempts: number;
  /** What the ledger knows of the archive; absent if there is no row. */
  readonly known?: {
    readonly state: ClaimState;
    /** Whether a claim has begun, and has not ended. */
    readonly underWay: boolean;
    /** Whether nothing is left to claim, or a person decided against it, or it is secured and held. */
    readonly settled: boolean;
    readonly attention: boolean;
  };
}

export interface QueueMeasure {
  readonly entries: number;
  /** For how long the oldest has waited for a worker, in seconds, leases and pauses included; 0 if there is none. */
  readonly oldestSeconds: number;
}

export interface LeaseBounds {
  readonly tenants: readonly TenantId[];
  readonly limit: number;
  readonly leaseMs: number;
  /** Names this lease and no other. */
  readonly leasedBy: string;
}

/** Milliseconds within which a claim without a record asks for it again: longer than the 6 hours of a claim in attention. */
const ASKED_AGAIN_MS = 7 * 60 * 60_000;

/** Archives whose claims are to be started or woken: one row per archive, until its claim has begun in the ledger. */
export function queue(run: Run) {
  return {
    /**
     * Leases up to `limit` rows that are due, fair to the tenants, lists and orders before hints. Nobody else gets them for
     * `leaseMs`; then they are due again, unless they are gone.
     */
    async lease({ tenants, limit, leaseMs, leasedBy }: LeaseBounds): Promise<LeasedRow[]> {
      return (await run('lease', LEASE, [tenants, limit, leaseMs, leasedBy])).map(readLeased);
    },

    /**
     * Makes rows due again `dueInMs` from now; with 0 as if they were never leased: the lease is not counted as an attempt. Rows
     * that are gone are not inserted again, and rows that are no longer leased by `leasedBy` are left alone.
     */
    async postpone(
      rows: readonly (ArchiveKey & { readonly dueInMs: number })[],
      leasedBy: string,
    ): Promise<void> {
      await run('postpone', POSTPONE, [...columnsOf(rows), rows.map(({ dueInMs }) => dueInMs), leasedBy]);
    },

    /** Removes rows that are still leased by `leasedBy`: what they asked for is done, decided or under way. */
    async dequeue(keys: readonly ArchiveKey[], leasedBy: string): Promise<void> {
      await run('dequeue', DEQUEUE, [...columnsOf(keys), leasedBy]);
    },

    /**
     * Notes that a worker could not read the record. Its claim asks again by itself; until then the row is not overdue.
     * @returns what the ledger knows of the archive
     */
    async noteUnread(key: ArchiveKey): Promise<LedgerEntry | undefined> {
      await run('note unread', NOTE_UNREAD, [key.tenant, key.archiveId, ASKED_AGAIN_MS]);
      return await archives(run).find(key);
    },

    async measureQueue(): Promise<QueueMeasure> {
      const [row = {}] = await run('measure queue', MEASURE);
      return { entries: Number(row['entries']), oldestSeconds: Number(row['oldest']) };
    },
  };
}

/**
 * Takes rows from each tenant in turn, hints last, so that one tenant's flood does not delay the others. SKIP LOCKED gives
 * concurrent drainers different rows. When a lease ends without an answer, its rows are due again.
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

/** Locks in the order of the keys. */
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

/** Finds and locks the rows as `POSTPONE` does. */
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

const NOTE_UNREAD = `
UPDATE queue SET queued_at = clock_timestamp() + $3::float8 * interval '1 millisecond' WHERE tenant = $1 AND archive_id = $2`;

/** Measured by `queued_at`, as each lease and pause moves `due_at`, even while no worker runs or Temporal accepts no claims. */
const MEASURE = `
SELECT count(*)::float8 AS entries,
  greatest(extract(epoch FROM statement_timestamp() - min(queued_at)), 0)::float8 AS oldest
FROM queue`;

/** Keys as two arrays, for `unnest`. */
export function columnsOf(keys: readonly ArchiveKey[]): [tenants: string[], archiveIds: string[]] {
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
