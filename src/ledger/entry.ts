import { parseArchiveId, parseConferenceId, parseTenantId, type ConferenceId } from '../domain/ids';
import { optional, readDate, readDecision, readRow, readState } from './columns';
import type { Run } from './run-statement';

/** What the ledger knows of an archive. */
export type LedgerEntry = Readonly<ReturnType<typeof readEntry>>;

/**
 * Reads a row of `archives` from the result of `to_jsonb(row)`: its dates are ISO 8601 whatever the session's settings, so that
 * no date is read as NULL.
 *
 * @throws TypeError if the row holds a value that this version does not know, or a date that JavaScript cannot hold
 */
export function readEntry(column: unknown) {
  const row = readRow(column);
  const conferenceIds: readonly ConferenceId[] = (row['conference_ids'] as unknown[]).map(parseConferenceId);
  const text = (name: string) => optional(row[name], String);
  const date = (name: string) => readDate(row[name]);
  const dateIfAny = (name: string) => optional(row[name], readDate);
  return {
    tenant: parseTenantId(row['tenant']),
    archiveId: parseArchiveId(row['archive_id']),
    /** The record's conference: the first of `conferenceIds`. */
    conferenceId: conferenceIds[0],
    /** Every conference that the archive was ever shown in. */
    conferenceIds,
    sha256: text('sha256'),
    sizeBytes: optional(row['size_bytes'], Number),
    location: text('location'),
    state: readState(row['state']),
    stateSince: date('state_since'),
    platformStatus: text('platform_status'),
    /** Why a person should look: a failure type. */
    attention: optional(row['attention'], (reason) => ({
      reason: String(reason),
      since: date('attention_since'),
    })),
    warning: text('warning'),
    accepted: (row['accepted'] as unknown[]).map(String),
    /** The run of the claim (or repair) that wrote last; `undefined` if none ever began. */
    runId: row['run_id'] === '' ? undefined : text('run_id'),
    isRepair: row['is_repair'] === true,
    ended: optional(row['ended_reason'], (reason) => ({ at: date('ended_at'), reason: String(reason) })),
    deadlineAt: dateIfAny('deadline_at'),
    decided: optional(row['decision'], (decision) => ({
      decision: readDecision(decision),
      by: String(row['decided_by']),
      at: date('decided_at'),
    })),
    /** Who holds it, so that it is not abandoned. */
    held: optional(row['held_by'], (by) => ({ by: String(by), since: date('held_at') })),
    /** Who ordered its abandon in copy-only mode. */
    abandonWanted: optional(row['abandon_wanted_by'], (by) => ({
      by: String(by),
      at: date('abandon_wanted_at'),
    })),
    announcedAt: date('announced_at'),
    /** When a copy was last sealed. */
    securedAt: dateIfAny('secured_at'),
    /** When the platform first showed that it was told. */
    toldAt: dateIfAny('told_at'),
    /** When the record said EXPIRED. */
    expiredAt: dateIfAny('expired_at'),
    /** The latest fixity check of the sealed copy. */
    fixity: optional(row['fixity_at'], (at) => ({ ok: row['fixity_ok'] === true, at: readDate(at) })),
    fixityDueAt: dateIfAny('fixity_due_at'),
    confirmDueAt: dateIfAny('confirm_due_at'),
  };
}

/** Finds rows of `archives` as `a`. `clauses` are what follows FROM. */
export async function findEntries(
  run: Run,
  name: string,
  clauses: string,
  parameters: readonly unknown[],
): Promise<LedgerEntry[]> {
  const rows = await run(name, `SELECT to_jsonb(a) AS entry FROM archives AS a ${clauses}`, parameters);
  return rows.map(({ entry }) => readEntry(entry));
}
