import type { Database } from '../database';
import { runStatement } from '../run-statement';

/** The update changes nothing: it makes the row of whoever came first visible to RETURNING. */
const REMEMBER_STORE = `
INSERT INTO stores (url, identity) VALUES ($1, $2)
ON CONFLICT (url) DO UPDATE SET url = excluded.url
RETURNING identity`;

export async function rememberStore(database: Database, url: string, identity: string): Promise<string> {
  const [row] = await runStatement(database, 'remember store', REMEMBER_STORE, [url, identity]);
  return String(row?.['identity']);
}
