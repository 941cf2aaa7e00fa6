import type { TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

const ADD_GENERATION = `
INSERT INTO callback_secrets (tenant, sha256) VALUES ($1, $2)
RETURNING generation`;

export async function addGeneration(database: Database, tenant: TenantId, sha256: string): Promise<number> {
  const [row] = await runStatement(database, 'add generation', ADD_GENERATION, [tenant, sha256]);
  return Number(row?.['generation']);
}
