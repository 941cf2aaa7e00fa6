import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** Those whose makers died before the platform's answer was known. A newer one is registered, so nobody waits for them. */
const RETIRE_FORGOTTEN = `
UPDATE callback_secrets AS forgotten
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND registered_at IS NULL AND retired_at IS NULL
  AND created_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
  AND EXISTS (
    SELECT 1 FROM callback_secrets AS newer
    WHERE newer.tenant = $1 AND newer.generation > forgotten.generation
      AND newer.registered_at IS NOT NULL AND newer.superseded_at IS NULL
  )`;

export async function retireForgotten(database: Database, tenant: TenantId, ms: number): Promise<void> {
  await runStatement(database, 'retire forgotten', RETIRE_FORGOTTEN, [tenant, ms]);
}
