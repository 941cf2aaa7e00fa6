import type { Database } from '../database';
import type { Ledger } from '../ledger';
import { runStatement } from '../run-statement';

const FIND_STORE = 'SELECT identity FROM stores WHERE url = $1';

/** The first identity wins. The update changes nothing: it makes the row of whoever came first visible to RETURNING. */
const REMEMBER_STORE = `
INSERT INTO stores (url, identity) VALUES ($1, $2)
ON CONFLICT (url) DO UPDATE SET url = excluded.url
RETURNING identity`;

export function stores(database: Database): Pick<Ledger, 'storeIdentity' | 'rememberStore'> {
  return {
    async storeIdentity(url) {
      const [row] = await runStatement(database, 'store identity', FIND_STORE, [url]);
      return row && String(row['identity']);
    },
    async rememberStore(url, identity) {
      const [row] = await runStatement(database, 'remember store', REMEMBER_STORE, [url, identity]);
      return String(row?.['identity']);
    },
  };
}
