import type { Database } from '../database';
import type { InboxNotification } from '../inbox';
import { runStatement } from '../run-statement';

/** Locked in the order of the keys, as by the removal. */
const RETURN_TO_INBOX = `
WITH returned AS (
  SELECT tenant, archive_id, due_in_ms
  FROM inbox
    JOIN jsonb_to_recordset($1::jsonb) AS given (tenant text, archive_id text, due_in_ms float8)
      USING (tenant, archive_id)
  ORDER BY tenant, archive_id
  FOR UPDATE OF inbox
)
UPDATE inbox SET due_at = clock_timestamp() + returned.due_in_ms * interval '1 millisecond'
FROM returned
WHERE (inbox.tenant, inbox.archive_id) = (returned.tenant, returned.archive_id)`;

export async function returnToInbox(
  database: Database,
  notifications: readonly InboxNotification[],
): Promise<void> {
  const given = notifications.map(({ tenant, archiveId, dueInMs }) => ({
    tenant,
    archive_id: archiveId,
    due_in_ms: dueInMs,
  }));
  await runStatement(database, 'return to inbox', RETURN_TO_INBOX, [JSON.stringify(given)]);
}
