import { parseTenantId, type TenantId } from '../../domain/ids';
import type { Columns, Database } from '../database';
import { runStatement } from '../run-statement';
import type { Generation } from '../subscriptions';

const LIST_GENERATIONS = `
SELECT tenant, generation, sha256, subscription_id, created_at, registered_at, superseded_at, unsubscribed_at, retired_at
FROM callback_secrets
WHERE tenant = $1
ORDER BY generation`;

export async function listGenerations(database: Database, tenant: TenantId): Promise<Generation[]> {
  return (await runStatement(database, 'list generations', LIST_GENERATIONS, [tenant])).map(readGeneration);
}

function readGeneration(row: Columns): Generation {
  const date = (column: string) => row[column] as Date | null;
  const [registeredAt, supersededAt] = [date('registered_at'), date('superseded_at')];
  const [unsubscribedAt, retiredAt] = [date('unsubscribed_at'), date('retired_at')];
  const subscriptionId = row['subscription_id'] as string | null;
  return {
    tenant: parseTenantId(row['tenant']),
    generation: Number(row['generation']),
    sha256: String(row['sha256']),
    createdAt: row['created_at'] as Date,
    ...(subscriptionId !== null && { subscriptionId }),
    ...(registeredAt && { registeredAt }),
    ...(supersededAt && { supersededAt }),
    ...(unsubscribedAt && { unsubscribedAt }),
    ...(retiredAt && { retiredAt }),
  };
}
