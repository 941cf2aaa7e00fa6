import type { Database } from '../database';
import { runStatement } from '../run-statement';

const FIND_STORE = 'SELECT identity FROM stores WHERE url = $1';

export async function findStore(database: Database, url: string): Promise<string | undefined> {
  const [row] = await runStatement(database, 'store identity', FIND_STORE, [url]);
  return row && String(row['identity']);
}
