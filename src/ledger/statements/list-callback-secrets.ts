import { parseTenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';
import type { CallbackSecret } from '../subscriptions';

const LIST_CALLBACK_SECRETS = `
SELECT tenant, generation, sha256
FROM callback_secrets
WHERE retired_at IS NULL
ORDER BY generation DESC`;

export async function listCallbackSecrets(database: Database): Promise<CallbackSecret[]> {
  const rows = await runStatement(database, 'list callback secrets', LIST_CALLBACK_SECRETS);
  return rows.map((row) => ({
    tenant: parseTenantId(row['tenant']),
    generation: Number(row['generation']),
    sha256: String(row['sha256']),
  }));
}
