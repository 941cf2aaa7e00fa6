import type { FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** From the open states, `attention` and `secured`; what is secured stays recorded as such. */
const FAIL = `
WITH moved AS (
  UPDATE archives SET state = 'failed', attention = NULL, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
    AND state IN ('announced', 'waiting', 'downloading', 'verifying', 'attention', 'secured')
  RETURNING tenant, archive_id, state
)
SELECT append_event(
  tenant, archive_id, 'ingestion end', 'failure', jsonb_build_object('state', state, 'reason', $3::text)
)
FROM moved`;

export async function fail(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  reason: FailureType,
): Promise<void> {
  await runStatement(database, 'fail', FAIL, [tenant, archiveId, reason]);
}
