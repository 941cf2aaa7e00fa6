import type { ArchiveKey } from '../../domain/ids';
import { isDocumented } from '../../domain/statuses';
import type { Database } from '../database';
import { runStatement } from '../run-statement';
import { storableText } from '../storable';

/**
 * Only from `secured`, or from `failed` where the copy is secured. What the platform was told is a fact, whoever told it: a
 * hold ends with it.
 */
const ABANDON = `
WITH moved AS (
  UPDATE archives SET
    state = 'abandoned',
    platform_status = $3,
    abandoned_at = clock_timestamp(),
    held_at = NULL,
    held_by = NULL,
    attention = NULL,
    updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
    AND state IN ('secured', 'failed') AND secured_at IS NOT NULL
  RETURNING tenant, archive_id, state, conference_id
)
SELECT append_event(
  tenant, archive_id, 'policy assignment', 'success',
  jsonb_build_object('state', state, 'platformStatus', $4::text, 'conferenceId', conference_id)
)
FROM moved`;

export async function abandon(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  platformStatus: string,
): Promise<void> {
  const status = storableText(platformStatus);
  const named = isDocumented(status) ? status : 'undocumented';
  await runStatement(database, 'abandon', ABANDON, [tenant, archiveId, status, named]);
}
