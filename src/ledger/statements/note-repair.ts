import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Only where a fixity check failed since the last repair, so that one repair is one event however often it is told. */
const NOTE_REPAIR = `
WITH repaired AS (
  UPDATE archives SET attention = NULL, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2 AND secured_at IS NOT NULL
    AND (
      SELECT type FROM events
      WHERE tenant = $1 AND archive_id = $2
        AND (type = 'recovery' OR type = 'fixity check' AND outcome = 'failure')
      ORDER BY sequence DESC
      LIMIT 1
    ) = 'fixity check'
  RETURNING tenant, archive_id, sha256, size_bytes, location
)
SELECT append_event(
  tenant, archive_id, 'recovery', 'success',
  jsonb_build_object('sha256', sha256, 'sizeBytes', size_bytes, 'location', location)
)
FROM repaired`;

export async function noteRepair(database: Database, { tenant, archiveId }: ArchiveKey): Promise<boolean> {
  const rows = await runStatement(database, 'note repair', NOTE_REPAIR, [tenant, archiveId]);
  return rows.length > 0;
}
