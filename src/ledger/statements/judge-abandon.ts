import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import type { AbandonVerdict, Ledger } from '../ledger';
import { runStatement } from '../run-statement';

/**
 * One statement, and so one moment. Secured alone is not enough: there must be the event of reading these bytes back. A
 * status that is missing or not documented may mean that the platform has the file. The abandon addresses the conference,
 * and so one archive's hold is a hold on all of them.
 */
const JUDGE_ABANDON = `
SELECT
  EXISTS (
    SELECT FROM archives
    WHERE tenant = $1 AND archive_id = $2
      AND state IN ('secured', 'abandoned') AND secured_at IS NOT NULL
      AND conference_id = $3 AND sha256 = $4
  ) AND EXISTS (
    SELECT FROM events
    WHERE tenant = $1 AND archive_id = $2
      AND type = 'fixity check' AND outcome = 'success' AND detail ->> 'sha256' = $4
  ) AS secured,
  EXISTS (
    SELECT FROM archives
    WHERE tenant = $1 AND (archive_id = $2 OR conference_id = $3) AND held_at IS NOT NULL
  ) AS held,
  EXISTS (
    SELECT FROM archives
    WHERE tenant = $1 AND conference_id = $3 AND archive_id <> $2
      AND secured_at IS NULL
      AND coalesce(platform_status, '') NOT IN ('FAILED', 'ABANDONED', 'EXPIRED')
  ) OR EXISTS (
    SELECT FROM unnest($5::text[]) AS listed (archive_id)
    WHERE NOT EXISTS (
      SELECT FROM archives
      WHERE tenant = $1 AND archives.archive_id = listed.archive_id AND secured_at IS NOT NULL
    )
  ) AS other_open`;

export async function judgeAbandon(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  { conferenceId, sha256, others = [] }: Parameters<Ledger['judgeAbandon']>[1],
): Promise<AbandonVerdict> {
  const [row] = await runStatement(database, 'judge abandon', JUDGE_ABANDON, [
    tenant,
    archiveId,
    conferenceId,
    sha256,
    others,
  ]);
  if (row?.['secured'] !== true) return 'notSecured';
  if (row['held'] !== false) return 'held';
  return row['other_open'] === false ? 'safe' : 'conferenceNotSecured';
}
