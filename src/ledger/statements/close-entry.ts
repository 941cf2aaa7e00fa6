import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/**
 * Only from `abandoned`, and only where the platform's confirmation was followed by a fixity check that found the copy
 * right and was the last one. The order is that of the chain of events: clocks do not count.
 */
const CLOSE_ENTRY = `
WITH closed AS (
  UPDATE archives SET state = 'closed', attention = NULL, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2 AND state = 'abandoned' AND expired_at IS NOT NULL
    AND EXISTS (
      SELECT FROM events AS proof
      WHERE proof.tenant = $1 AND proof.archive_id = $2
        AND proof.type = 'fixity check' AND proof.outcome = 'success' AND proof.detail ->> 'sha256' = archives.sha256
        AND proof.sequence > (
          SELECT max(sequence) FROM events WHERE tenant = $1 AND archive_id = $2 AND type = 'deletion'
        )
        AND proof.sequence = (
          SELECT max(sequence) FROM events WHERE tenant = $1 AND archive_id = $2 AND type = 'fixity check'
        )
    )
  RETURNING *
)
SELECT append_event(
  tenant, archive_id, 'ingestion end', 'success',
  jsonb_build_object(
    'state', state,
    'platformStatus', 'EXPIRED',
    'expiredAt', to_char(expired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'sha256', sha256,
    'sizeBytes', size_bytes,
    'verifiedAt', to_char(last_verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  )
)
FROM closed`;

export async function closeEntry(database: Database, { tenant, archiveId }: ArchiveKey): Promise<void> {
  await runStatement(database, 'close entry', CLOSE_ENTRY, [tenant, archiveId]);
}
