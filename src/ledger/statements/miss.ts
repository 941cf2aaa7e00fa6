import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** From everywhere without a secured copy. */
const MISS = `
WITH moved AS (
  UPDATE archives SET state = 'missed', attention = NULL, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
    AND state IN ('announced', 'waiting', 'downloading', 'verifying', 'attention', 'failed')
    AND secured_at IS NULL
  RETURNING tenant, archive_id, state
)
SELECT append_event(tenant, archive_id, 'ingestion end', 'failure', jsonb_build_object('state', state))
FROM moved`;

export async function miss(database: Database, { tenant, archiveId }: ArchiveKey): Promise<void> {
  await runStatement(database, 'miss', MISS, [tenant, archiveId]);
}
