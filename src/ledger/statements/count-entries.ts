import { CLAIM_STATES, type ClaimState } from '../../domain/states';
import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** What needs a person counts as `attention`, whatever its state. */
const COUNT = `
SELECT CASE WHEN attention IS NULL THEN state ELSE 'attention' END AS state, count(*)::float8 AS entries
FROM archives
GROUP BY 1`;

export async function countEntries(database: Database): Promise<Readonly<Record<ClaimState, number>>> {
  const rows = await runStatement(database, 'count', COUNT);
  const counts = new Map(rows.map((row) => [String(row['state']), Number(row['entries'])]));
  return Object.fromEntries(CLAIM_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<
    ClaimState,
    number
  >;
}
