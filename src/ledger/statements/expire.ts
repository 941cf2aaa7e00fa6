import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Once, and only after the abandon. */
const EXPIRE = `
WITH expired AS (
  UPDATE archives SET
    platform_status = 'EXPIRED',
    expired_at = clock_timestamp(),
    updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2 AND state = 'abandoned' AND expired_at IS NULL
  RETURNING tenant, archive_id, platform_status, conference_id
)
SELECT append_event(
  tenant, archive_id, 'deletion', 'success',
  jsonb_build_object('platformStatus', platform_status, 'conferenceId', conference_id)
)
FROM expired`;

export async function expire(database: Database, { tenant, archiveId }: ArchiveKey): Promise<void> {
  await runStatement(database, 'expire', EXPIRE, [tenant, archiveId]);
}
