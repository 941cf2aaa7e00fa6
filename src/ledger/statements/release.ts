import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

const RELEASE = `
WITH released AS (
  UPDATE archives SET held_at = NULL, held_by = NULL, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2 AND held_at IS NOT NULL
  RETURNING tenant, archive_id
)
SELECT append_event(
  tenant, archive_id, 'policy assignment', 'success', jsonb_build_object('order', 'release', 'by', $3::text)
)
FROM released`;

export async function release(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  by: string,
): Promise<void> {
  await runStatement(database, 'release', RELEASE, [tenant, archiveId, by]);
}
