import type { Database } from '../database';
import type { InboxMeasure } from '../inbox';
import { runStatement } from '../run-statement';

const MEASURE_INBOX = `
SELECT count(*)::float8 AS entries,
  coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8 AS oldest_seconds
FROM inbox`;

export async function measureInbox(database: Database): Promise<InboxMeasure> {
  const [row] = await runStatement(database, 'measure inbox', MEASURE_INBOX);
  return { entries: Number(row?.['entries']), oldestSeconds: Number(row?.['oldest_seconds']) };
}
