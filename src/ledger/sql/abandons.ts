import { parseArchiveId } from '../../domain/ids';
import type { Columns, Database } from '../database';
import { present, readDate, readRow } from '../entry';
import type { Abandons, Member } from '../ports/abandons';
import { runStatement } from '../run-statement';
import { attempt, termsOf } from './claims';

/** All that were ever shown in the conference or whose conference is unknown, unless the platform was told of them already. */
const MEMBERS = `
SELECT to_jsonb(a) AS entry
FROM archives AS a
WHERE tenant = $1 AND told_at IS NULL AND (conference_ids @> ARRAY[$2::text] OR conference_ids = '{}')
ORDER BY archive_id`;

/** Only while the latest check is the one that the caller knew of. */
const NOTE_MEMBER_FIXITY = 'SELECT note_member_fixity($1, $2, $3::timestamptz, $4, $5, $6) AS noted';

/** Judges and opens a flight in one transaction, under the members' lock and the locks of all members' rows. */
const INTEND = `
SELECT intend(
  $7::uuid, $1, $8, $2, $3, $4, $5, $6, $9, $10, $11::float8 * interval '1 millisecond', $12::float8 * interval '1 millisecond',
  $13::float8 * interval '1 millisecond'
) AS verdict`;

/** Once: a flight that is over stays as it ended. */
const END_FLIGHT = 'SELECT end_flight($1::uuid, $2)';

/** Told is never taken back, and is written whatever the row's run, hold or decision is. */
const NOTE_TOLD = `
SELECT note_told($1, $2::jsonb, $3::float8 * interval '1 millisecond', $4::float8 * interval '1 millisecond')`;

export function abandons(database: Database): Abandons {
  return {
    async members(tenant, conferenceId) {
      return (await runStatement(database, 'members', MEMBERS, [tenant, conferenceId])).map(readMember);
    },

    async noteMemberFixity({ tenant, archiveId }, { verdict, seen, sha256, sizeBytes }) {
      const parameters = [tenant, archiveId, seen.toISOString(), verdict, sha256 ?? null, sizeBytes ?? null];
      const [row] = await runStatement(database, 'note member fixity', NOTE_MEMBER_FIXITY, parameters);
      return row?.['noted'] === true;
    },

    async intend(key, fence, terms) {
      const [row] = await runStatement(database, 'intend', INTEND, [
        ...attempt(key, fence),
        terms.flightId,
        terms.conferenceId ?? null,
        terms.worker,
        terms.copyOnly,
        terms.leaseMs,
        terms.fixityFreshMs,
        terms.listAgeMs,
      ]);
      return row?.['verdict'] as Awaited<ReturnType<Abandons['intend']>>;
    },

    async endFlight(flightId, outcome) {
      await runStatement(database, 'end flight', END_FLIGHT, [flightId, outcome]);
    },

    async noteTold(tenant, shown, expiry) {
      const rows = shown.map(({ archiveId, status }) => ({ archive_id: archiveId, status }));
      await runStatement(database, 'note told', NOTE_TOLD, [
        tenant,
        JSON.stringify(rows),
        ...termsOf(expiry),
      ]);
    },
  };
}

function readMember({ entry }: Columns): Member {
  const row = readRow(entry);
  return {
    archiveId: parseArchiveId(row['archive_id']),
    conferenceKnown: (row['conference_ids'] as readonly unknown[]).length > 0,
    ...present('secured', row['secured_at'], () => ({
      sha256: String(row['sha256']),
      sizeBytes: Number(row['size_bytes']),
    })),
    ...present('fixity', row['fixity_at'], (at) => ({ ok: row['fixity_ok'] === true, at: readDate(at) })),
  };
}
