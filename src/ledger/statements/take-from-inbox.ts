import { parseArchiveId, parseTenantId } from '../../domain/ids';
import type { Database } from '../database';
import type { Inbox, InboxEntry } from '../inbox';
import { runStatement } from '../run-statement';

/**
 * What is taken is due again when the lease is over: a process that was killed leaves nothing behind. SKIP LOCKED, so that
 * several gateways each take their own.
 */
const TAKE_FROM_INBOX = `
UPDATE inbox SET due_at = clock_timestamp() + $2::float8 * interval '1 millisecond', attempts = attempts + 1
WHERE (tenant, archive_id) IN (
  SELECT tenant, archive_id FROM inbox
  WHERE due_at <= clock_timestamp()
  ORDER BY due_at
  LIMIT $1
  FOR UPDATE SKIP LOCKED
)
RETURNING tenant, archive_id, attempts`;

export async function takeFromInbox(
  database: Database,
  { limit, leaseMs }: Parameters<Inbox['takeFromInbox']>[0],
): Promise<InboxEntry[]> {
  const rows = await runStatement(database, 'take from inbox', TAKE_FROM_INBOX, [limit, leaseMs]);
  return rows.map((row) => ({
    tenant: parseTenantId(row['tenant']),
    archiveId: parseArchiveId(row['archive_id']),
    attempts: Number(row['attempts']),
  }));
}
