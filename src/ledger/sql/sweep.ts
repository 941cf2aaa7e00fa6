import { parseArchiveId, type TenantId } from '../../domain/ids';
import type { Database } from '../database';
import { readEntry } from '../entry';
import type { Sweep } from '../ports/sweep';
import { runStatement } from '../run-statement';
import { storableText } from '../storable';

const DUE_FOR_FIXITY = `
SELECT to_jsonb(a) AS entry FROM archives AS a
WHERE tenant = $1 AND fixity_due_at <= statement_timestamp() AND secured_at IS NOT NULL
ORDER BY fixity_due_at
LIMIT $2`;

const DUE_FOR_CONFIRMATION = `
SELECT to_jsonb(a) AS entry FROM archives AS a
WHERE tenant = $1 AND confirm_due_at <= statement_timestamp()
ORDER BY confirm_due_at
LIMIT $2`;

/** Only while the row is as it was read; closes it if the deletion came before this check, with the evidence. */
const RECORD_RECHECK = `
SELECT record_recheck(
  $1, $2, $3::timestamptz, $4::timestamptz, $5, $6, $7, $8::float8 * interval '1 millisecond',
  $9::float8 * interval '1 millisecond'
) AS outcome`;

/** Once. */
const NOTE_EXPIRED = 'SELECT note_expired($1, $2)';

/** Only while a deletion is to be confirmed; never hides that the copy is damaged. */
const POSTPONE_CONFIRMATION =
  "SELECT postpone_confirmation($1, $2, $3, $4::float8 * interval '1 millisecond', $5)";

/** With every archive that its request may have reached: members then and now, and those whose conference is unknown. */
const FLIGHTS_TO_SETTLE = `
SELECT f.id, reached.untold
FROM abandons AS f CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(a.archive_id ORDER BY a.archive_id), '{}') AS untold
  FROM archives AS a
  WHERE a.tenant = f.tenant AND a.told_at IS NULL AND (
    a.archive_id = ANY (f.members) OR a.conference_ids @> ARRAY[f.conference_id] OR a.conference_ids = '{}'
  )
) AS reached
WHERE f.tenant = $1 AND f.over_at IS NULL AND f.begun_at <= statement_timestamp() - $2::float8 * interval '1 millisecond'
ORDER BY f.begun_at
LIMIT $3`;

/** Nobody will go on with their copies: a person ended them, or the platform has deleted its file. */
const UNWANTED = `
SELECT archive_id FROM archives
WHERE tenant = $1 AND archive_id = ANY ($2::text[])
  AND (state = 'missed' OR state = 'failed' AND decision IN ('giveUp', 'cancelled'))`;

/** An order to end stands, nothing was told, `failed` is not written, and no request may still take effect. */
const UNDECIDED = `
SELECT a.archive_id FROM archives AS a
WHERE a.tenant = $1 AND a.decision IS NOT NULL AND a.state <> 'failed' AND a.told_at IS NULL
  AND NOT EXISTS (
    SELECT FROM abandons AS f
    WHERE f.tenant = a.tenant AND f.over_at IS NULL
      AND (f.members @> ARRAY[a.archive_id] OR f.conference_id = ANY (a.conference_ids) OR a.conference_ids = '{}')
  )
ORDER BY a.archive_id
LIMIT $2`;

/**
 * Secured archives whose claims ended, or have not been tried for as long, if nothing that the ledger knows keeps their
 * conferences from being abandoned. Whether their copies and the list are fresh is the claim's to see to.
 */
const QUEUE_ABANDONABLE = `
WITH waiting AS (
  SELECT a.archive_id
  FROM archives AS a
  WHERE a.tenant = $1 AND a.state = 'secured' AND a.told_at IS NULL
    AND coalesce(a.ended_at, to_timestamp(a.fence_at / 1000.0)) < statement_timestamp() - $3::float8 * interval '1 millisecond'
    AND (a.ended_at IS NOT NULL OR a.attention IS NULL OR a.deadline_at < statement_timestamp())
    AND NOT EXISTS (SELECT FROM queue AS q WHERE q.tenant = a.tenant AND q.archive_id = a.archive_id)
    AND NOT EXISTS (
      SELECT FROM archives AS m
      WHERE m.tenant = a.tenant AND m.told_at IS NULL
        AND (m.conference_ids @> ARRAY[a.conference_ids[1]] OR m.conference_ids = '{}')
        AND (
          m.conference_ids = '{}' OR m.state <> 'secured' OR m.fixity_ok IS NOT TRUE OR m.held_at IS NOT NULL
          OR m.decision IS NOT NULL OR warns(m.warning, m.accepted)
          OR $2::boolean IS NOT FALSE AND m.abandon_wanted_at IS NULL
        )
    )
), queued AS (
  INSERT INTO queue (tenant, archive_id, origin)
  SELECT $1, archive_id, 'retry' FROM waiting ORDER BY archive_id
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT count(*)::integer AS queued FROM queued`;

const COUNT_OVERDUE = `
SELECT count(*)::float8 AS overdue FROM archives
WHERE tenant = $1 AND fixity_due_at < statement_timestamp() - $2::float8 * interval '1 millisecond'`;

export function sweep(database: Database): Sweep {
  const run = (name: string, text: string, parameters: readonly unknown[]) =>
    runStatement(database, name, text, parameters);
  const entries = async (name: string, text: string, parameters: readonly unknown[]) =>
    (await run(name, text, parameters)).map((row) => readEntry(row['entry']));
  return {
    dueForFixity: (tenant, limit) => entries('due for fixity', DUE_FOR_FIXITY, [tenant, limit]),
    dueForConfirmation: (tenant, limit) =>
      entries('due for confirmation', DUE_FOR_CONFIRMATION, [tenant, limit]),

    async recordRecheck({ tenant, archiveId, fixityDueAt, fixity }, check) {
      const { verdict, sha256, sizeBytes, retryMs, recheckMs = 0 } = check;
      const asRead = [fixityDueAt?.toISOString() ?? null, fixity?.at.toISOString() ?? null];
      const found = [verdict, sha256 ?? null, sizeBytes ?? null, retryMs, recheckMs];
      const [row] = await run('record recheck', RECORD_RECHECK, [tenant, archiveId, ...asRead, ...found]);
      return row?.['outcome'] as Awaited<ReturnType<Sweep['recordRecheck']>>;
    },

    async noteExpired({ tenant, archiveId }) {
      await run('note expired', NOTE_EXPIRED, [tenant, archiveId]);
    },

    async postponeConfirmation({ tenant, archiveId }, { status, dueInMs, attention }) {
      const parameters = [tenant, archiveId, storableText(status), dueInMs, attention ?? null];
      await run('postpone confirmation', POSTPONE_CONFIRMATION, parameters);
    },

    async flightsToSettle(tenant, settleMs, limit) {
      const rows = await run('flights to settle', FLIGHTS_TO_SETTLE, [tenant, settleMs, limit]);
      return rows.map((row) => ({
        flightId: String(row['id']),
        untold: (row['untold'] as readonly unknown[]).map(keyIn(tenant)),
      }));
    },

    async unwanted(tenant, archiveIds) {
      const rows = await run('unwanted', UNWANTED, [tenant, archiveIds]);
      return rows.map((row) => parseArchiveId(row['archive_id']));
    },

    async undecided(tenant, limit) {
      const rows = await run('undecided', UNDECIDED, [tenant, limit]);
      return rows.map((row) => keyIn(tenant)(row['archive_id']));
    },

    async queueAbandonable(tenant, { copyOnly, quietMs }) {
      const [row] = await run('queue abandonable', QUEUE_ABANDONABLE, [tenant, copyOnly, quietMs]);
      return Number(row?.['queued']);
    },

    async countOverdue(tenant, lateMs) {
      const [row] = await run('count overdue', COUNT_OVERDUE, [tenant, lateMs]);
      return Number(row?.['overdue']);
    },
  };
}

function keyIn(tenant: TenantId) {
  return (archiveId: unknown) => ({ tenant, archiveId: parseArchiveId(archiveId) });
}
