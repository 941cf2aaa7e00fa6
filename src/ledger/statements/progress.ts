import type { ArchiveKey } from '../../domain/ids';
import type { OpenState } from '../../domain/states';
import type { Database } from '../database';
import { EVENT_OF_PROGRESS } from '../event-types';
import { runStatement } from '../run-statement';

/** Between open states, or back into one from `attention`, `failed` or `missed`: from everywhere without a secured copy. */
const PROGRESS = `
WITH moved AS (
  INSERT INTO archives AS known (tenant, archive_id, state)
  VALUES ($1, $2, $3)
  ON CONFLICT (tenant, archive_id) DO UPDATE SET
    state = excluded.state, attention = NULL, updated_at = clock_timestamp()
  WHERE known.secured_at IS NULL
    AND known.state IN ('announced', 'waiting', 'downloading', 'verifying', 'attention', 'failed', 'missed')
    AND known.state <> excluded.state
  RETURNING tenant, archive_id, state
)
SELECT append_event(tenant, archive_id, $4, 'success', jsonb_build_object('state', state))
FROM moved`;

export async function progress(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
  state: OpenState,
): Promise<void> {
  await runStatement(database, 'progress', PROGRESS, [tenant, archiveId, state, EVENT_OF_PROGRESS[state]]);
}
