import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Makes the entry where there is none, since the hold must be there before anything else is known. The first hold stays. */
const HOLD = `
WITH held AS (
  INSERT INTO archives AS known (tenant, archive_id, state, held_at, held_by)
  VALUES ($1, $2, 'announced', clock_timestamp(), $3)
  ON CONFLICT (tenant, archive_id) DO UPDATE SET
    held_at = excluded.held_at, held_by = excluded.held_by, updated_at = clock_timestamp()
  WHERE known.held_at IS NULL AND known.abandoned_at IS NULL
  RETURNING tenant, archive_id, held_by
)
SELECT append_event(
  tenant, archive_id, 'policy assignment', 'success', jsonb_build_object('order', 'hold', 'by', held_by)
)
FROM held`;

export async function hold(database: Database, { tenant, archiveId }: ArchiveKey, by: string): Promise<void> {
  await runStatement(database, 'hold', HOLD, [tenant, archiveId, by]);
}
