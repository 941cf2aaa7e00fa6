import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArchiveId, parseTenantId } from '../../../src/domain/ids';
import type { Database } from '../../../src/ledger/postgres';
import { composeTagFiles } from '../../../src/store/bag';

export const TENANT = parseTenantId('acme');

const INSERT = `
INSERT INTO archives (
  tenant, archive_id, conference_ids, sha256, size_bytes, location, state, platform_status, run_id, ended_at, ended_reason,
  secured_at, told_at, fixity_ok, fixity_at, fixity_due_at, confirm_due_at
)
SELECT $1, archive_id, ARRAY['conference-' || archive_id], sha256, $3, 'file:///' || archive_id, 'abandoned', 'ABANDONED', 'a-run',
  past, 'abandoned', past, past, true, past, past + interval '2 days', past + interval '3 days'
FROM jsonb_to_recordset($2::jsonb) AS s (archive_id text, sha256 text),
  (SELECT clock_timestamp() - interval '49 hours' AS past)`;

/** Has a store and a ledger full of copies, of 1 KiB each, that are due to be verified again. They were abandoned two days ago. */
export async function fillWithDueCopies(database: Database, store: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => writeBag(store, `a-${index}`));
  await database.query(INSERT, [TENANT, JSON.stringify(rows), 1024]);
  await database.query('ANALYZE archives');
}

function writeBag(store: string, name: string): { readonly archive_id: string; readonly sha256: string } {
  const payload = Buffer.alloc(1024, name);
  const sha256 = createHash('sha256').update(payload).digest('hex');
  const contents = {
    sha256,
    sizeBytes: 1024,
    conferenceId: `conference-${name}`,
    recordSource: Buffer.from('{}'),
  };
  const tags = composeTagFiles({ tenant: TENANT, archiveId: parseArchiveId(name) }, contents, new Date());
  for (const file of [{ name: 'data/archive.zip', content: payload }, ...tags]) {
    const path = join(store, TENANT, name, file.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.content);
  }
  return { archive_id: name, sha256 };
}
