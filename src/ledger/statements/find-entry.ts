import type { ArchiveKey } from '../../domain/ids';
import type { Database } from '../database';
import { ENTRY_COLUMNS, readEntry } from '../entry';
import type { LedgerEntry } from '../ledger';
import { runStatement } from '../run-statement';

const FIND = `
SELECT ${ENTRY_COLUMNS}, record_source
FROM archives
WHERE tenant = $1 AND archive_id = $2`;

export async function findEntry(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
): Promise<LedgerEntry | undefined> {
  const [row] = await runStatement(database, 'find', FIND, [tenant, archiveId]);
  return row && readEntry(row);
}
