import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Locked in the order of the keys, so that two that remove the same never wait for each other. */
const REMOVE_FROM_INBOX = `
DELETE FROM inbox
WHERE (tenant, archive_id) IN (
  SELECT tenant, archive_id
  FROM inbox JOIN jsonb_to_recordset($1::jsonb) AS started (tenant text, archive_id text) USING (tenant, archive_id)
  ORDER BY tenant, archive_id
  FOR UPDATE OF inbox
)`;

export async function removeFromInbox(database: Database, keys: readonly ArchiveKey[]): Promise<void> {
  const started = keys.map(({ tenant, archiveId }) => ({ tenant, archive_id: archiveId }));
  await runStatement(database, 'remove from inbox', REMOVE_FROM_INBOX, [JSON.stringify(started)]);
}
