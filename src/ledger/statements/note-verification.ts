import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import type { VerificationNote } from '../ledger';
import { runStatement } from '../run-statement';

/** `last_verified_at` is the last time that the copy was found right; `rechecked_at` that of any look after the abandon. */
const NOTE_VERIFICATION = `
WITH verified AS (
  UPDATE archives SET
    last_verified_at = CASE WHEN $5::boolean THEN clock_timestamp() ELSE last_verified_at END,
    rechecked_at = CASE WHEN abandoned_at IS NOT NULL THEN clock_timestamp() ELSE rechecked_at END,
    updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
  RETURNING tenant, archive_id
)
SELECT append_event(
  tenant, archive_id, 'fixity check', CASE WHEN $5::boolean THEN 'success' ELSE 'failure' END,
  jsonb_strip_nulls(jsonb_build_object('sha256', $3::text, 'sizeBytes', $4::bigint))
)
FROM verified`;

export async function noteVerification(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  { sha256, sizeBytes, ok }: VerificationNote,
): Promise<void> {
  await runStatement(database, 'note verification', NOTE_VERIFICATION, [
    tenant,
    archiveId,
    sha256 ?? null,
    sizeBytes ?? null,
    ok,
  ]);
}
