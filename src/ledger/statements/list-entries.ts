import type { Database } from '../database';
import { ENTRY_COLUMNS, readEntry } from '../entry';
import type { Ledger, LedgerEntry } from '../ledger';
import { runStatement } from '../run-statement';

/** What needs a person after it was secured keeps its state, and is listed as `attention` all the same. */
const LIST = `
SELECT ${ENTRY_COLUMNS}
FROM archives
WHERE ($1::text IS NULL OR state = $1 OR $1 = 'attention' AND attention IS NOT NULL) AND ($2::text IS NULL OR tenant = $2)
ORDER BY updated_at DESC, tenant, archive_id
LIMIT $3`;

export async function listEntries(
  database: Database,
  { state, tenant, limit }: Parameters<Ledger['list']>[0],
): Promise<LedgerEntry[]> {
  const rows = await runStatement(database, 'list', LIST, [state ?? null, tenant ?? null, limit]);
  return rows.map(readEntry);
}
