import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Only of what is secured and not abandoned yet. The first order stays. */
const ORDER_ABANDON = `
WITH ordered AS (
  UPDATE archives SET
    abandon_ordered_at = clock_timestamp(), abandon_ordered_by = $3, updated_at = clock_timestamp()
  WHERE tenant = $1 AND archive_id = $2
    AND secured_at IS NOT NULL AND abandoned_at IS NULL AND abandon_ordered_at IS NULL
  RETURNING tenant, archive_id, abandon_ordered_by
)
SELECT append_event(
  tenant, archive_id, 'policy assignment', 'success',
  jsonb_build_object('order', 'abandon', 'by', abandon_ordered_by)
)
FROM ordered`;

export async function orderAbandon(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  by: string,
): Promise<void> {
  await runStatement(database, 'order abandon', ORDER_ABANDON, [tenant, archiveId, by]);
}
