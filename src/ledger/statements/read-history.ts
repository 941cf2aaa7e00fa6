import type { ArchiveKey } from '../../domain/ids';
import type { Columns, Database } from '../database';
import type { LedgerEvent } from '../ledger';
import { runStatement } from '../run-statement';

const HISTORY = `
SELECT sequence, at, type, outcome, detail, hash
FROM events
WHERE tenant = $1 AND archive_id = $2
ORDER BY sequence`;

export async function readHistory(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
): Promise<LedgerEvent[]> {
  const rows = await runStatement(database, 'history', HISTORY, [tenant, archiveId]);
  return rows.map(readEvent);
}

function readEvent(row: Columns): LedgerEvent {
  return {
    sequence: Number(row['sequence']),
    at: row['at'] as Date,
    type: String(row['type']),
    outcome: row['outcome'] as LedgerEvent['outcome'],
    detail: row['detail'] as LedgerEvent['detail'],
    hash: String(row['hash']),
  };
}
