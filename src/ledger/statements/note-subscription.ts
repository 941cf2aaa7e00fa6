import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** The second time, by the same answer of the platform, changes nothing and is told as the first. */
const NOTE_SUBSCRIPTION = `
UPDATE callback_secrets
SET subscription_id = $3, registered_at = coalesce(registered_at, clock_timestamp())
WHERE tenant = $1 AND generation = $2 AND retired_at IS NULL
  AND (subscription_id IS NULL OR subscription_id = $3)
RETURNING generation`;

export async function noteSubscription(
  database: Database,
  tenant: TenantId,
  generation: number,
  subscriptionId: string,
): Promise<boolean> {
  const parameters = [tenant, generation, subscriptionId];
  return (await runStatement(database, 'note subscription', NOTE_SUBSCRIPTION, parameters)).length > 0;
}
