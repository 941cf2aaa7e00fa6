import type { Database } from '../../src/ledger/postgres';
import { AVAILABLE } from './listed';

const AT_A_TIME = 50_000;

/** What the platform lists, as it is known: closed, or secured if the platform still has it. */
const FILL = `
INSERT INTO archives (
  tenant, archive_id, conference_ids, sha256, size_bytes, location, state, platform_status, run_id, ended_at, ended_reason,
  secured_at, told_at, expired_at, fixity_ok, fixity_at
)
SELECT $1, 'archive-' || lpad(index::text, 8, '0'), ARRAY['conference-' || index], repeat('ab', 32), 1000000,
  'file:///archives/' || index,
  CASE WHEN has_file THEN 'secured' ELSE 'closed' END,
  CASE WHEN has_file THEN 'AVAILABLE' ELSE 'EXPIRED' END,
  'a-run', now(), 'abandoned', now(),
  CASE WHEN NOT has_file THEN now() END,
  CASE WHEN NOT has_file THEN now() END,
  true, now() + interval '1 second'
FROM generate_series($2::integer, $3::integer) AS index, LATERAL (SELECT index % $4::integer = 0 AS has_file) AS what`;

/** Has the ledger know every archive of the tenant's list. */
export async function fillLedger(database: Database, tenant: string, records: number): Promise<void> {
  const every = Math.ceil(records / AVAILABLE);
  for (let from = 0; from < records; from += AT_A_TIME)
    await database.query(FILL, [tenant, from, Math.min(from + AT_A_TIME, records) - 1, every]);
  await database.query('ANALYZE archives');
}

/** Has it forget those that the platform still has. */
export async function forgetAvailable(database: Database, tenant: string): Promise<void> {
  await database.query("DELETE FROM archives WHERE tenant = $1 AND state = 'secured'", [tenant]);
}
