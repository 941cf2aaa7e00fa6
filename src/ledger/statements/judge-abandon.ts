import type { ArchiveKey, ConferenceId } from '../../domain/ids';
import type { Database } from '../database';
import type { AbandonVerdict } from '../ledger';
import { runStatement } from '../run-statement';

/**
 * One statement, and so one moment. Secured alone is not enough: there must be the event of reading these bytes back. A
 * status that is missing or not documented may mean that the platform has the file.
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
    WHERE tenant = $1 AND conference_id = $3 AND archive_id <> $2
      AND secured_at IS NULL
      AND coalesce(platform_status, '') NOT IN ('FAILED', 'ABANDONED', 'EXPIRED')
  ) AS other_open`;

export async function judgeAbandon(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  expected: { readonly conferenceId: ConferenceId; readonly sha256: string },
): Promise<AbandonVerdict> {
  const [row] = await runStatement(database, 'judge abandon', JUDGE_ABANDON, [
    tenant,
    archiveId,
    expected.conferenceId,
    expected.sha256,
  ]);
  if (row?.['secured'] !== true) return 'notSecured';
  return row['other_open'] === false ? 'safe' : 'conferenceNotSecured';
}
