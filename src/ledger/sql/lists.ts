import type { ArchiveId, ConferenceId, TenantId } from '../../domain/ids';
import { optional, readDate, storableText } from '../columns';
import { call, interval, type Run } from '../run-statement';
import { IS_SETTLED } from './archives';
import { termsOf, type ExpiryTerms } from './claims';

export interface ListedArchive {
  readonly archiveId: ArchiveId;
  readonly conferenceId?: ConferenceId | undefined;
  readonly status: string;
}

/** Milliseconds after which a claim that has not moved, or has ended without a copy, is queued again. */
const STILL_MS = 60 * 60_000;
/** Milliseconds after which a claim that failed is queued again. */
const FAILED_AGAIN_MS = 24 * 60 * 60_000;

/** Readings of a platform's list. An abandon relies on one that is whole and began late enough. */
export function lists(run: Run) {
  return {
    /**
     * Begins a reading: committed before the first request is sent.
     * @param duringPause whether it may begin in the pause after another one
     * @returns its id; `undefined` while the lease of another reading of this tenant, or the pause after it, runs
     */
    async beginList(
      tenant: TenantId,
      reader: string,
      leaseMs: number,
      duringPause = false,
    ): Promise<string | undefined> {
      const lease = interval(leaseMs);
      const id = await call<number | null>(run, 'begin_list', tenant, reader, lease, duringPause);
      return id === null ? undefined : String(id);
    },

    /** Lengthens the lease of a reading that is under way. @returns `false` if it ended, or lapsed and another one began */
    async renewList(id: string, leaseMs: number): Promise<boolean> {
      return await call(run, 'renew_list', id, interval(leaseMs));
    },

    /**
     * Writes what a part of a list shows: new rows, new conferences, new statuses, told. Unchanged archives are not written, and
     * an unknown expired one gets no row. Queues archives that the platform still has and nobody works on: never begun, failed
     * a day ago, not moved for an hour, or to be rescued before they expire. An archive about to be abandoned is marked as
     * shown by this reading (`id`): `intend` relies on no list that lacks it.
     */
    async noteListed(
      tenant: TenantId,
      id: string,
      listed: readonly ListedArchive[],
      expiry: ExpiryTerms,
    ): Promise<{ readonly changed: number; readonly queued: number; readonly missed: number }> {
      const rows = listed.map(({ archiveId, conferenceId, status }) => ({
        archive_id: archiveId,
        conference_id: conferenceId,
        status: storableText(status),
      }));
      const shown = JSON.stringify(rows);
      const changed = await run('show archives', SHOW_ARCHIVES, [tenant, shown, ...termsOf(expiry)]);
      const news = changed.map((row) => row['archive_id']);
      // A later statement, so that it sees the current state of the claims.
      const parameters = [tenant, shown, news, STILL_MS, FAILED_AGAIN_MS, id];
      const [row = {}] = await run('queue listed', QUEUE_LISTED, parameters);
      return { changed: changed.length, queued: Number(row['queued']), missed: Number(row['missed']) };
    },

    /**
     * Ends a reading; `whole` only after everything that it showed was committed. A pause follows, `factor` times as long as the
     * reading took, at most `longestMs`: the lease keeps other readings of the tenant away, except those that may begin then.
     * @returns whether it was ended as asked: `false` if its lease had lapsed, and then it is not whole
     */
    async endList(
      id: string,
      whole: boolean,
      { factor, longestMs }: { readonly factor: number; readonly longestMs: number },
    ): Promise<boolean> {
      return await call(run, 'end_list', id, whole, factor, interval(longestMs));
    },

    /** When the latest whole reading began; `now` is the database's clock. */
    async latestList(tenant: TenantId) {
      const [row = {}] = await run('latest list', LATEST_LIST, [tenant]);
      return { now: readDate(row['now']), begunAt: optional(row['begun_at'], readDate) };
    },
  };
}

/** Writes under the members' lock; if nothing is new, takes no lock and writes nothing. */
const SHOW_ARCHIVES = 'SELECT archive_id FROM show_archives($1, $2, $3, $4)';

/**
 * Queues archives that the platform has, we have no copy of, and nobody works on. News ($3) wakes a claim that waits, or needs a
 * person. A secured archive whose claim ended is left to the sweep, unless it failed. A hint gets the origin `list`. Notes
 * which archives that are about to be abandoned this reading ($6) has shown.
 */
const QUEUE_LISTED = `
WITH known AS MATERIALIZED (
  SELECT l.archive_id, l.status, a.archive_id IS NOT NULL AS is_known, a.state, a.state_since, a.platform_status, a.run_id,
    a.fence_at, a.ended_at, a.deadline_at, a.decision, a.decided_at, a.held_at, a.attention, a.secured_at, a.told_at
  FROM (
    SELECT DISTINCT ON (archive_id) archive_id, status
    FROM jsonb_to_recordset($2::jsonb) AS s (archive_id text, status text)
    ORDER BY archive_id
  ) AS l LEFT JOIN archives AS a ON a.tenant = $1 AND a.archive_id = l.archive_id
), about_to_abandon AS (
  SELECT a.archive_id FROM archives AS a
  WHERE a.tenant = $1 AND a.state = 'secured' AND a.ended_at IS NULL AND a.told_at IS NULL AND a.archive_id IN (
    SELECT archive_id FROM known WHERE state = 'secured' AND ended_at IS NULL AND told_at IS NULL
  )
  ORDER BY a.archive_id
  FOR UPDATE
), seen AS (
  UPDATE archives AS a SET
    listed_before = CASE WHEN EXISTS (SELECT FROM lists WHERE id = a.listed_in AND whole) THEN a.listed_in ELSE a.listed_before END,
    listed_in = $6::bigint
  FROM about_to_abandon AS s
  WHERE a.tenant = $1 AND a.archive_id = s.archive_id
), wanted AS (
  SELECT a.archive_id
  FROM known AS a LEFT JOIN queue AS q ON q.tenant = $1 AND q.archive_id = a.archive_id
  WHERE a.is_known AND a.status <> 'EXPIRED' AND (a.secured_at IS NULL OR a.state = 'failed') AND (q.tenant IS NULL OR q.origin = 'hint')
    AND NOT ${IS_SETTLED}
    AND CASE
      WHEN a.run_id = '' THEN true
      WHEN a.state = 'failed' THEN a.state_since < statement_timestamp() - $5::float8 * interval '1 millisecond'
      WHEN a.ended_at IS NOT NULL THEN a.ended_at < statement_timestamp() - $4::float8 * interval '1 millisecond'
      WHEN (a.state = 'waiting' OR a.attention IS NOT NULL) AND a.archive_id = ANY ($3::text[]) THEN true
      -- It is tried again a few times a day, until its deadline: only if that has passed, nobody is left who would.
      WHEN a.attention IS NOT NULL
        THEN coalesce(a.deadline_at < statement_timestamp() - $4::float8 * interval '1 millisecond', true)
      ELSE greatest(a.state_since, to_timestamp(a.fence_at / 1000.0))
        < statement_timestamp() - $4::float8 * interval '1 millisecond'
    END
), queued AS (
  INSERT INTO queue (tenant, archive_id, origin)
  SELECT $1, archive_id, 'list' FROM wanted ORDER BY archive_id
  ON CONFLICT (tenant, archive_id) DO UPDATE
    SET origin = 'list', due_at = least(queue.due_at, excluded.due_at), leased_by = NULL
    WHERE queue.origin = 'hint'
  RETURNING 1
)
SELECT
  (SELECT count(*) FROM queued)::integer AS queued,
  (SELECT count(*) FROM known WHERE status = 'EXPIRED' AND NOT is_known)::integer AS missed`;

/** Dates come as JSON, because the driver returns null for a date that it cannot parse. */
const LATEST_LIST = `
SELECT to_jsonb(clock_timestamp()) AS now, (
  SELECT to_jsonb(begun_at) FROM lists WHERE tenant = $1 AND whole AND ended_at IS NOT NULL ORDER BY begun_at DESC LIMIT 1
) AS begun_at`;
