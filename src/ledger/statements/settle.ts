import type { FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Of what is secured, whose reason stands beside its state. */
const SETTLE = `
WITH settled AS (
  UPDATE archives SET attention = NULL, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2 AND secured_at IS NOT NULL AND attention = $3
  RETURNING tenant, archive_id, state
)
SELECT append_event(
  tenant, archive_id, 'appraisal', 'success', jsonb_build_object('state', state, 'reason', $3::text)
)
FROM settled`;

export async function settle(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  reason: FailureType,
): Promise<void> {
  await runStatement(database, 'settle', SETTLE, [tenant, archiveId, reason]);
}
