import { parseArchiveId } from '../../domain/ids';
import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import type { Discrepancy, Reconciliation } from '../reconciliation';
import { runStatement } from '../run-statement';

/**
 * One statement for thousands of archives; what needs nothing costs a look into the primary key.
 *
 * What is in the inbox was announced, and is started from there. A person's will comes first: what was given up or cancelled is left
 * alone. A claim that is under way is left alone, too, whatever the list says: it asks the platform itself. Only where it has not
 * moved for an hour is it to be started again, since Temporal may have lost it; where it has not, that start is refused. What is
 * secured, and nobody told the platform, may be so because copy-only mode ended its claim: for a day at least Temporal remembers
 * that, and refuses; later on such an archive is a person's business.
 *
 * Rows are locked in the order of their keys, so that two reconciliations never wait for each other, and the second finds what the
 * first has picked.
 */
const COMPARE_WITH_LIST = `
WITH compared AS (
  SELECT listed.archive_id, listed.availability, known.state, known.secured_at IS NOT NULL AS is_secured,
    known.secured_at, known.updated_at, known.reconciled_at, known.reclaims
  FROM jsonb_to_recordset($2::jsonb) AS listed (archive_id text, availability text)
    LEFT JOIN archives AS known ON known.tenant = $1 AND known.archive_id = listed.archive_id
  WHERE known.state IS NULL OR known.state NOT IN ('abandoned', 'closed')
), judged AS (
  SELECT archive_id, state, reconciled_at, CASE
    WHEN state IS NULL THEN CASE
      WHEN availability = 'expired' THEN 'missed'
      WHEN availability = 'abandoned' THEN 'rescued'
      WHEN EXISTS (
        SELECT FROM inbox WHERE inbox.tenant = $1 AND inbox.archive_id = compared.archive_id
      ) THEN NULL
      WHEN availability = 'available' THEN 'missing'
      ELSE 'unfinished'
    END
    WHEN state IN ('failed', 'missed') THEN CASE
      WHEN availability = 'expired' AND NOT is_secured AND state = 'missed' THEN NULL
      WHEN (
        SELECT coalesce(detail ->> 'reason', detail ->> 'choice') FROM events
        WHERE events.tenant = $1 AND events.archive_id = compared.archive_id
          AND (type = 'ingestion end' OR detail ->> 'choice' = 'giveUp')
        ORDER BY sequence DESC
        LIMIT 1
      ) IN ('GivenUp', 'Cancelled', 'giveUp') THEN NULL
      WHEN availability = 'expired' AND NOT is_secured THEN 'missed'
      WHEN availability = 'abandoned' AND NOT is_secured THEN
        CASE WHEN reconciled_at > clock_timestamp() - interval '1 hour' THEN NULL ELSE 'rescued' END
      WHEN reclaims >= 7 THEN 'givenUp'
      WHEN greatest(updated_at, reconciled_at) > clock_timestamp() - interval '1 day' THEN NULL
      ELSE 'retried'
    END
    WHEN state = 'secured' AND availability NOT IN ('abandoned', 'expired')
      AND NOT ($3::boolean AND secured_at > clock_timestamp() - interval '1 day') THEN NULL
    WHEN greatest(updated_at, reconciled_at) > clock_timestamp() - interval '1 hour' THEN NULL
    WHEN availability = 'abandoned' AND NOT is_secured THEN 'rescued'
    ELSE 'lost'
  END AS need
  FROM compared
), known AS (
  SELECT archive_id, need, reconciled_at FROM judged
  WHERE state IS NOT NULL AND need IN ('rescued', 'retried', 'lost')
), locked AS (
  SELECT archive_id, known.need, known.reconciled_at
  FROM archives JOIN known USING (archive_id)
  WHERE archives.tenant = $1
    AND (
      known.need = 'rescued'
      OR archive_id IN (SELECT archive_id FROM known WHERE need <> 'rescued' ORDER BY archive_id LIMIT $4)
    )
  ORDER BY archive_id
  FOR UPDATE OF archives
), picked AS (
  UPDATE archives SET
    reconciled_at = clock_timestamp(),
    reclaims = CASE WHEN locked.need = 'retried' THEN reclaims + 1 ELSE reclaims END
  FROM locked
  WHERE archives.tenant = $1 AND archives.archive_id = locked.archive_id
    AND archives.reconciled_at IS NOT DISTINCT FROM locked.reconciled_at
  RETURNING archives.archive_id
)
SELECT archive_id, CASE
  WHEN state IS NOT NULL AND need IN ('rescued', 'retried', 'lost') AND picked.archive_id IS NULL THEN 'left'
  ELSE need
END AS need
FROM judged LEFT JOIN picked USING (archive_id)
WHERE need IS NOT NULL`;

export async function compareWithList(
  database: Database,
  tenant: TenantId,
  listed: Parameters<Reconciliation['compareWithList']>[1],
  { abandon, room }: Parameters<Reconciliation['compareWithList']>[2],
): Promise<Discrepancy[]> {
  // The last word on an archive counts: a list may name one twice.
  const byId = new Map(listed.map(({ archiveId, availability }) => [archiveId, availability]));
  const archives = [...byId].map(([archive_id, availability]) => ({ archive_id, availability }));
  const rows = await runStatement(database, 'compare with list', COMPARE_WITH_LIST, [
    tenant,
    JSON.stringify(archives),
    abandon,
    room,
  ]);
  return rows.map((row) => ({
    archiveId: parseArchiveId(row['archive_id']),
    need: row['need'] as Discrepancy['need'],
  }));
}
