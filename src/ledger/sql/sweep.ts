import { parseArchiveId, type ArchiveId, type ArchiveKey, type TenantId } from '../../domain/ids';
import type { CopyVerdict } from '../../domain/sweep';
import { storableText } from '../columns';
import { findEntries, type LedgerEntry } from '../entry';
import { call, interval, type Run } from '../run-statement';
import type { CopyFound } from './claims';

export interface Recheck extends CopyFound {
  readonly verdict: CopyVerdict;
  readonly retryMs: number;
  readonly recheckMs?: number;
}

/** The reads and writes of the sweep. The ledger alone says what is due, whatever Temporal knows. */
export function sweep(run: Run) {
  return {
    /** Copies whose fixity check is due, the longest due first. */
    dueForFixity: (tenant: TenantId, limit: number): Promise<LedgerEntry[]> =>
      findEntries(run, 'due for fixity', DUE_FOR_FIXITY, [tenant, limit]),

    /** Archives whose deletion is to be confirmed, the longest due first. */
    dueForConfirmation: (tenant: TenantId, limit: number): Promise<LedgerEntry[]> =>
      findEntries(run, 'due for confirmation', DUE_FOR_CONFIRMATION, [tenant, limit]),

    /**
     * Records a fixity check once: only if the row is still due, and not checked since it was read. A good copy is due again
     * `recheckMs` after the platform was told, if that is still to come, and when the platform's deletion is confirmed; a bad one
     * after `retryMs`, with attention `CopyDamaged`.
     * After EXPIRED a good copy closes the row, with the evidence.
     * @returns `stale` if another check was recorded since; `closed` if the row was closed; `news` if the copy is newly bad
     */
    async recordRecheck(
      { tenant, archiveId, fixityDueAt, fixity }: LedgerEntry,
      { verdict, sha256, sizeBytes, retryMs, recheckMs = 0 }: Recheck,
    ): Promise<'stale' | 'recorded' | 'closed' | 'news'> {
      const asRead = [fixityDueAt?.toISOString(), fixity?.at.toISOString()];
      const found = [verdict, sha256, sizeBytes];
      const due = [interval(retryMs), interval(recheckMs)];
      return await call(run, 'record_recheck', tenant, archiveId, ...asRead, ...found, ...due);
    },

    /** Notes, once, that the record says EXPIRED: the copy is the only one now, and is due to be verified again. */
    async noteExpired({ tenant, archiveId }: ArchiveKey): Promise<void> {
      await call(run, 'note_expired', tenant, archiveId);
    },

    /**
     * Notes that the record does not say EXPIRED yet: the sweep asks again after `dueInMs`. A reason for attention never
     * hides that the copy is damaged.
     */
    async postponeConfirmation(
      { tenant, archiveId }: ArchiveKey,
      postponed: { readonly status: string; readonly dueInMs: number; readonly attention?: string },
    ): Promise<void> {
      const { status, dueInMs, attention } = postponed;
      const news = [storableText(status), interval(dueInMs), attention];
      await call(run, 'postpone_confirmation', tenant, archiveId, ...news);
    },

    /**
     * Flights that began `settleMs` ago or earlier and are not over, with all archives that they may have reached and that are
     * not told (members then and now, and those whose conference is unknown); the oldest first.
     */
    async flightsToSettle(
      tenant: TenantId,
      settleMs: number,
      limit: number,
    ): Promise<{ readonly flightId: string; readonly untold: readonly ArchiveKey[] }[]> {
      const rows = await run('flights to settle', FLIGHTS_TO_SETTLE, [tenant, settleMs, limit]);
      return rows.map(({ id, untold }) => ({
        flightId: String(id),
        untold: keysOf(tenant, untold as unknown[]),
      }));
    },

    /** Archives with an order to end that is not decided yet and that no open flight touches. */
    async undecided(tenant: TenantId, limit: number): Promise<ArchiveKey[]> {
      const rows = await run('undecided', UNDECIDED, [tenant, limit]);
      return keysOf(
        tenant,
        rows.map((row) => row['archive_id']),
      );
    },

    /** Those of the archives that were given up, cancelled or missed: no claim will resume their copies. */
    async unwanted(tenant: TenantId, archiveIds: readonly ArchiveId[]): Promise<ArchiveId[]> {
      const rows = await run('unwanted', UNWANTED, [tenant, archiveIds]);
      return rows.map((row) => parseArchiveId(row['archive_id']));
    },

    /**
     * Queues secured archives whose claims ended, or were last tried, over `quietMs` ago, if the ledger knows no obstacle to the
     * abandon of their conferences. The claim itself checks that the copies and the list are fresh.
     * @returns how many
     */
    async queueAbandonable(
      tenant: TenantId,
      { copyOnly, quietMs }: { readonly copyOnly: boolean; readonly quietMs: number },
    ): Promise<number> {
      const [row = {}] = await run('queue abandonable', QUEUE_ABANDONABLE, [tenant, copyOnly, quietMs]);
      return Number(row['queued']);
    },
  };
}

const DUE_FOR_FIXITY = `
WHERE tenant = $1 AND fixity_due_at <= statement_timestamp() AND secured_at IS NOT NULL
ORDER BY fixity_due_at
LIMIT $2`;

const DUE_FOR_CONFIRMATION = `
WHERE tenant = $1 AND confirm_due_at <= statement_timestamp()
ORDER BY confirm_due_at
LIMIT $2`;

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

const UNWANTED = `
SELECT archive_id FROM archives
WHERE tenant = $1 AND archive_id = ANY ($2::text[])
  AND (state = 'missed' OR state = 'failed' AND decision IN ('giveUp', 'cancelled'))`;

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

const QUEUE_ABANDONABLE = `
WITH waiting AS (
  SELECT a.archive_id
  FROM archives AS a
  WHERE a.tenant = $1 AND a.state = 'secured' AND a.told_at IS NULL
    -- What the others of the conference must have, too: in copy-only mode, most rows end here.
    AND a.fixity_ok AND a.held_at IS NULL AND a.decision IS NULL AND ($2::boolean IS FALSE OR a.abandon_wanted_at IS NOT NULL)
    AND coalesce(a.ended_at, to_timestamp(a.fence_at / 1000.0)) < statement_timestamp() - $3::float8 * interval '1 millisecond'
    AND (a.ended_at IS NOT NULL OR a.attention IS NULL OR a.deadline_at < statement_timestamp())
    AND NOT EXISTS (SELECT FROM queue AS q WHERE q.tenant = a.tenant AND q.archive_id = a.archive_id)
    AND NOT EXISTS (
      SELECT FROM archives AS m
      WHERE m.tenant = a.tenant AND is_member(m.conference_ids, m.told_at, m.platform_status, a.conference_ids[1])
        AND (
          m.conference_ids = '{}' OR NOT is_kept(m.state, m.told_at) OR m.fixity_ok IS NOT TRUE OR m.held_at IS NOT NULL
          OR m.decision IS NOT NULL OR warns(m.warning, m.accepted)
          OR $2::boolean IS NOT FALSE AND m.abandon_wanted_at IS NULL
        )
    )
  -- The rest in later sweeps; what has ended comes first, as nobody else looks at it.
  ORDER BY a.ended_at IS NULL, a.ended_at
  LIMIT 1000
), queued AS (
  INSERT INTO queue (tenant, archive_id, origin)
  SELECT $1, archive_id, 'retry' FROM waiting ORDER BY archive_id
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT count(*)::integer AS queued FROM queued`;

function keysOf(tenant: TenantId, archiveIds: readonly unknown[]): ArchiveKey[] {
  return archiveIds.map((archiveId) => ({ tenant, archiveId: parseArchiveId(archiveId) }));
}
