import type { SecuredArchive } from '../../domain/claim';
import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/**
 * From everywhere without a secured copy, `missed` included: a proven copy is the better knowledge. Where there is one,
 * only the same copy of the same conference counts: it moves `failed` back to `secured` and settles what asked for attention.
 */
const SECURE = `
WITH moved AS (
  UPDATE archives SET
    state = CASE WHEN state IN ('abandoned', 'closed') THEN state ELSE 'secured' END,
    conference_id = $3,
    sha256 = $4,
    size_bytes = coalesce(CASE WHEN secured_at IS NOT NULL THEN size_bytes END, $5::bigint),
    location = coalesce(CASE WHEN secured_at IS NOT NULL THEN location END, $6),
    secured_at = coalesce(secured_at, clock_timestamp()),
    attention = NULL,
    updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
    AND (
      secured_at IS NULL
        AND state IN ('announced', 'waiting', 'downloading', 'verifying', 'attention', 'failed', 'missed')
      OR secured_at IS NOT NULL AND conference_id = $3 AND sha256 = $4
        AND (state = 'failed' OR attention IS NOT NULL)
    )
  RETURNING *
)
SELECT append_event(
  tenant, archive_id, 'accession', 'success',
  jsonb_build_object(
    'state', state, 'conferenceId', conference_id, 'sha256', sha256, 'sizeBytes', size_bytes, 'location', location
  )
)
FROM moved`;

export async function secure(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  { conferenceId, sha256, sizeBytes, location }: SecuredArchive,
): Promise<void> {
  await runStatement(database, 'secure', SECURE, [
    tenant,
    archiveId,
    conferenceId,
    sha256,
    sizeBytes,
    location,
  ]);
}
