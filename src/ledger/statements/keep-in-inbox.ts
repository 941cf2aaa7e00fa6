import type { Database } from '../database';
import type { InboxNotification } from '../inbox';
import { runStatement } from '../run-statement';

/** In the order of the keys, so that two gateways with the same notifications never wait for each other. */
const KEEP_IN_INBOX = `
INSERT INTO inbox (tenant, archive_id, due_at)
SELECT tenant, archive_id, clock_timestamp() + due_in_ms * interval '1 millisecond'
FROM jsonb_to_recordset($1::jsonb) AS kept (tenant text, archive_id text, due_in_ms float8)
ORDER BY tenant, archive_id
ON CONFLICT DO NOTHING`;

export async function keepInInbox(
  database: Database,
  notifications: readonly InboxNotification[],
): Promise<void> {
  const kept = notifications.map(({ tenant, archiveId, dueInMs }) => ({
    tenant,
    archive_id: archiveId,
    due_in_ms: dueInMs,
  }));
  await runStatement(database, 'keep in inbox', KEEP_IN_INBOX, [JSON.stringify(kept)]);
}
