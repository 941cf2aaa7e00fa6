import type { FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** To `attention` from the open states only; whatever has a secured copy keeps its state and shows the reason. */
const NEED_ATTENTION = `
WITH moved AS (
  UPDATE archives SET
    state = CASE WHEN secured_at IS NULL THEN 'attention' ELSE state END,
    attention = $3,
    updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
    AND (state IN ('announced', 'waiting', 'downloading', 'verifying', 'attention') OR secured_at IS NOT NULL)
    AND attention IS DISTINCT FROM $3
  RETURNING tenant, archive_id, state, attention
)
SELECT append_event(
  tenant, archive_id, 'appraisal', 'warning', jsonb_build_object('state', state, 'reason', attention)
)
FROM moved`;

export async function needAttention(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  reason: FailureType,
): Promise<void> {
  await runStatement(database, 'need attention', NEED_ATTENTION, [tenant, archiveId, reason]);
}
