import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import type { Reconciliation } from '../reconciliation';
import { runStatement } from '../run-statement';

/**
 * New entries, and `failed` ones without a secured copy. In the order of the keys, so that two that record the same never wait for
 * each other.
 */
const MISS_LISTED = `
WITH missed AS (
  INSERT INTO archives AS known (tenant, archive_id, conference_id, state, platform_status)
  SELECT $1, archive_id, conference_id, 'missed', 'EXPIRED'
  FROM jsonb_to_recordset($2::jsonb) AS listed (archive_id text, conference_id text)
  ORDER BY archive_id
  ON CONFLICT (tenant, archive_id) DO UPDATE SET
    state = 'missed', platform_status = 'EXPIRED', updated_at = clock_timestamp()
  WHERE known.state = 'failed' AND known.secured_at IS NULL
  RETURNING tenant, archive_id, state, platform_status
)
SELECT append_event(
  tenant, archive_id, 'ingestion end', 'failure',
  jsonb_build_object('state', state, 'platformStatus', platform_status)
)
FROM missed`;

export async function missListed(
  database: Database,
  tenant: TenantId,
  expired: Parameters<Reconciliation['missListed']>[1],
): Promise<number> {
  const byId = new Map(expired.map((archive) => [archive.archiveId, archive]));
  const archives = [...byId.values()].map(({ archiveId, conferenceId }) => ({
    archive_id: archiveId,
    conference_id: conferenceId ?? null,
  }));
  const rows = await runStatement(database, 'miss listed', MISS_LISTED, [tenant, JSON.stringify(archives)]);
  return rows.length;
}
