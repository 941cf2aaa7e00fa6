import type { ArchiveKey } from '../../domain/ids';
import type { Run } from '../run-statement';
import { IS_SETTLED } from './archives';
import { columnsOf } from './queue';

/** Milliseconds after which a hint about an archive that the platform does not know is due again, by the number of its answers. */
const UNKNOWN_AGAIN_MS = [60_000, 5 * 60_000, 15 * 60_000, 40 * 60_000];

/** The queue rows of notifications. Only these may name archives that do not exist. */
export function hints(run: Run) {
  return {
    /**
     * Queues notifications durably, in one statement. A notification wakes a claim that could not read the record. `duplicate`:
     * the queue has the archive in any other case, or `archives` has it and
     * the notification changes nothing (done, decided, or under way and not waiting).
     * @param timeoutMs after which the statement is given up and its connection closed, so that the next one gets another
     * @returns one answer for each, in the order given
     */
    async enqueueHints(
      keys: readonly ArchiveKey[],
      timeoutMs: number,
    ): Promise<('accepted' | 'duplicate')[]> {
      const rows = await run('enqueue hints', ENQUEUE_HINTS, columnsOf(keys), timeoutMs);
      return rows.map((row) => (row['accepted'] === true ? 'accepted' : 'duplicate'));
    },

    /**
     * Notes a 404 for an archive that nothing ever showed. A hint is due again after 1, 5, 15 and 40 minutes, by the
     * number of such answers, and is dropped after the last; any other row stays.
     */
    async noteUnknown({ tenant, archiveId }: ArchiveKey): Promise<void> {
      await run('note unknown', NOTE_UNKNOWN, [tenant, archiveId, UNKNOWN_AGAIN_MS]);
    },
  };
}

/**
 * One insert for all, durable at its end, in the order of the keys, so that two gateways with the same notifications never wait
 * for each other. Of several notifications of one archive only the first counts.
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
), unread AS (
  SELECT q.tenant, q.archive_id
  FROM queue AS q JOIN given AS g ON g.tenant = q.tenant AND g.archive_id = q.archive_id AND g.repetition = 1
  WHERE q.queued_at > statement_timestamp() AND q.misses = 0 AND q.attempts > 0
  ORDER BY q.tenant, q.archive_id
  FOR UPDATE OF q
), renewed AS (
  UPDATE queue AS q SET due_at = least(q.due_at, clock_timestamp()), attempts = 0, leased_by = NULL
  FROM unread AS u WHERE q.tenant = u.tenant AND q.archive_id = u.archive_id
  RETURNING q.tenant, q.archive_id
)
SELECT g.repetition = 1 AND a.tenant IS NOT NULL AS accepted
FROM given AS g LEFT JOIN (SELECT * FROM accepted UNION ALL SELECT * FROM renewed) AS a ON a.tenant = g.tenant AND a.archive_id = g.archive_id
ORDER BY g.nth`;

const NOTE_UNKNOWN = `
WITH dropped AS (
  DELETE FROM queue
  WHERE tenant = $1 AND archive_id = $2 AND origin = 'hint' AND misses >= cardinality($3::float8[])
)
UPDATE queue SET
  misses = misses + 1,
  due_at = clock_timestamp() + ($3::float8[])[misses + 1] * interval '1 millisecond',
  -- As if queued then: until then, no worker is missing.
  queued_at = clock_timestamp() + ($3::float8[])[misses + 1] * interval '1 millisecond',
  leased_by = NULL
WHERE tenant = $1 AND archive_id = $2 AND origin = 'hint' AND misses < cardinality($3::float8[])`;
