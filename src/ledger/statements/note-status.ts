import type { ArchiveKey } from '../../domain/ids';
import { isDocumented } from '../../domain/statuses';
import type { Database } from '../database';
import { runStatement } from '../run-statement';
import { storableText } from '../storable';

/** The status alone: the record stays the one that was there when the copy was secured. */
const NOTE_STATUS = `
WITH noted AS (
  UPDATE archives SET platform_status = $3, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2 AND platform_status IS DISTINCT FROM $3
  RETURNING tenant, archive_id
)
SELECT append_event(
  tenant, archive_id, 'metadata modification', 'success', jsonb_build_object('platformStatus', $4::text)
)
FROM noted`;

export async function noteStatus(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  platformStatus: string,
): Promise<void> {
  const status = storableText(platformStatus);
  const named = isDocumented(status) ? status : 'undocumented';
  await runStatement(database, 'note status', NOTE_STATUS, [tenant, archiveId, status, named]);
}
