import { createHash } from 'node:crypto';
import type { ArchiveKey } from '../../src/domain/ids';
import type { Columns, Database } from '../../src/ledger/postgres';

/** Whether an archive's events are those that were written, and where they first are not. */
export type ChainVerdict =
  | { readonly ok: true; readonly events: number }
  | {
      readonly ok: false;
      /** The first event that is not as it was written, or not there. */
      readonly sequence: number;
      /** `missing`: it was removed; `altered`: it, or what the chain says of it, was changed; `added`: it is beyond the chain's end. */
      readonly fault: 'missing' | 'altered' | 'added';
    };

/** One statement, and so one moment; the fields as the text that their hash is over. */
const CHAIN = `
SELECT
  EXISTS (SELECT FROM archives WHERE archives.tenant = $1 AND archives.archive_id = $2) AS is_known,
  chains.sequence AS event_count, chains.hash AS last_event_hash,
  events.sequence, events.previous_hash, events.hash, events.type, events.outcome, events.detail::text AS detail,
  to_char(events.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
FROM (SELECT $1::text AS tenant, $2::text AS archive_id) AS key
  LEFT JOIN chains USING (tenant, archive_id) LEFT JOIN events USING (tenant, archive_id)
ORDER BY events.sequence`;

const BEFORE_THE_FIRST = '0'.repeat(64);

/**
 * Computes the hashes of an archive's events again, apart from the database that made them; the migration that creates
 * `event_hash` documents what they are over. Whoever may write to the tables at will can make the chain anew: keep the
 * last hash elsewhere to notice that too.
 */
export async function verifyChain(database: Database, key: ArchiveKey): Promise<ChainVerdict> {
  const rows = await database.query(CHAIN, [key.tenant, key.archiveId]);
  const events = rows.filter((row) => row['sequence'] !== null);
  const count = Number(rows[0]?.['event_count'] ?? 0);
  let previous = BEFORE_THE_FIRST;
  for (const [index, event] of events.entries()) {
    const sequence = index + 1;
    if (Number(event['sequence']) !== sequence) return { ok: false, sequence, fault: 'missing' };
    if (sequence > count) return { ok: false, sequence, fault: 'added' };
    const hash = hashOf(key, previous, event);
    if (event['previous_hash'] !== previous || event['hash'] !== hash) {
      return { ok: false, sequence, fault: 'altered' };
    }
    previous = hash;
  }
  const head = rows[0];
  // Every archive's chain begins with its row.
  const expected = Math.max(count, head?.['is_known'] === true ? 1 : 0);
  if (events.length < expected) return { ok: false, sequence: events.length + 1, fault: 'missing' };
  if (count > 0 && head?.['last_event_hash'] !== previous)
    return { ok: false, sequence: count, fault: 'altered' };
  return { ok: true, events: events.length };
}

function hashOf({ tenant, archiveId }: ArchiveKey, previous: string, event: Columns): string {
  const { sequence, at, type, outcome, detail } = event;
  const lines = [previous, tenant, archiveId, sequence, at, type, outcome, detail];
  return createHash('sha256').update(lines.join('\n'), 'utf8').digest('hex');
}
