import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

const RETIRE = `
UPDATE callback_secrets
SET retired_at = clock_timestamp()
WHERE tenant = $1 AND generation IN (SELECT value::integer FROM jsonb_array_elements_text($2::jsonb))
  AND unsubscribed_at IS NOT NULL AND retired_at IS NULL`;

export async function retire(
  database: Database,
  tenant: TenantId,
  generations: readonly number[],
): Promise<void> {
  await runStatement(database, 'retire', RETIRE, [tenant, JSON.stringify(generations)]);
}
