import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/**
 * Only older ones, and only while the newer one lives: whoever runs this, in whatever order, the newest that is registered can
 * never be superseded. So one working subscription is always left.
 */
const SUPERSEDE = `
UPDATE callback_secrets
SET superseded_at = clock_timestamp()
WHERE tenant = $1 AND generation < $2 AND registered_at IS NOT NULL AND superseded_at IS NULL
  AND EXISTS (
    SELECT 1 FROM callback_secrets AS newer
    WHERE newer.tenant = $1 AND newer.generation = $2
      AND newer.registered_at IS NOT NULL AND newer.superseded_at IS NULL
  )`;

export async function supersede(database: Database, tenant: TenantId, keep: number): Promise<void> {
  await runStatement(database, 'supersede', SUPERSEDE, [tenant, keep]);
}
