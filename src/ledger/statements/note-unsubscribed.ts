import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

const NOTE_UNSUBSCRIBED = `
UPDATE callback_secrets
SET superseded_at = coalesce(superseded_at, clock_timestamp()), unsubscribed_at = clock_timestamp()
WHERE tenant = $1 AND generation = $2 AND registered_at IS NOT NULL AND unsubscribed_at IS NULL`;

export async function noteUnsubscribed(
  database: Database,
  tenant: TenantId,
  generation: number,
): Promise<void> {
  await runStatement(database, 'note unsubscribed', NOTE_UNSUBSCRIBED, [tenant, generation]);
}
