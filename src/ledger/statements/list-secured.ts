import type { Database } from '../database';
import { ENTRY_COLUMNS, readEntry } from '../entry';
import type { Ledger, LedgerEntry } from '../ledger';
import { runStatement } from '../run-statement';

/** A page begins after the key that the one before ended with, and costs the same however far it is. */
const LIST_SECURED = `
SELECT ${ENTRY_COLUMNS}
FROM archives
WHERE secured_at IS NOT NULL AND ($1::text IS NULL OR tenant = $1)
  AND ($2::text IS NULL OR (tenant, archive_id) > ($2, $3))
ORDER BY tenant, archive_id
LIMIT $4`;

export async function listSecured(
  database: Database,
  { tenant, after, limit }: Parameters<Ledger['listSecured']>[0],
): Promise<LedgerEntry[]> {
  const rows = await runStatement(database, 'list secured', LIST_SECURED, [
    tenant ?? null,
    after?.tenant ?? null,
    after?.archiveId ?? null,
    limit,
  ]);
  return rows.map(readEntry);
}
