import { parseArchiveId, parseConferenceId, parseTenantId } from '../domain/ids';
import { isClaimState, type ClaimState } from '../domain/states';
import type { LedgerEntry } from './ledger';

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads a row of `archives` from what `to_jsonb(row)` gives: its dates are ISO 8601 whatever the session's settings are, so that
 * a date is never mistaken for none.
 *
 * @throws TypeError if the row holds what this version does not know, or a date that JavaScript cannot hold
 */
export function readEntry(column: unknown): LedgerEntry {
  const row = readRow(column);
  const conferenceIds = (row['conference_ids'] as readonly unknown[]).map(parseConferenceId);
  const date = (name: string) => readDate(row[name]);
  return {
    tenant: parseTenantId(row['tenant']),
    archiveId: parseArchiveId(row['archive_id']),
    conferenceIds,
    state: readState(row['state']),
    stateSince: date('state_since'),
    accepted: (row['accepted'] as readonly unknown[]).map(String),
    announcedAt: date('announced_at'),
    ...present('conferenceId', conferenceIds[0], parseConferenceId),
    ...present('sha256', row['sha256'], String),
    ...present('sizeBytes', row['size_bytes'], Number),
    ...present('location', row['location'], String),
    ...present('platformStatus', row['platform_status'], String),
    ...present('attention', row['attention'], (reason) => ({
      reason: String(reason),
      since: date('attention_since'),
    })),
    ...present('warning', row['warning'], String),
    ...present('runId', row['run_id'] === '' ? null : row['run_id'], String),
    ...present('ended', row['ended_reason'], (reason) => ({ at: date('ended_at'), reason: String(reason) })),
    ...present('deadlineAt', row['deadline_at'], readDate),
    ...present('decided', row['decision'], (decision) => ({
      decision: readDecision(decision),
      by: String(row['decided_by']),
      at: date('decided_at'),
    })),
    ...present('held', row['held_by'], (by) => ({ by: String(by), since: date('held_at') })),
    ...present('abandonWanted', row['abandon_wanted_by'], (by) => ({
      by: String(by),
      at: date('abandon_wanted_at'),
    })),
    ...present('securedAt', row['secured_at'], readDate),
    ...present('toldAt', row['told_at'], readDate),
    ...present('expiredAt', row['expired_at'], readDate),
    ...present('fixity', row['fixity_at'], (at) => ({ ok: row['fixity_ok'] === true, at: readDate(at) })),
    ...present('fixityDueAt', row['fixity_due_at'], readDate),
    ...present('confirmDueAt', row['confirm_due_at'], readDate),
  };
}

/** A row as JSON. @throws TypeError if there is none */
export function readRow(column: unknown): Row {
  if (typeof column === 'object' && column !== null) return column as Row;
  throw new TypeError('The ledger answered without the row that was asked for.');
}

/** The property if the column has a value; nothing if it is NULL. */
export function present<Name extends string, Value>(
  name: Name,
  column: unknown,
  read: (column: unknown) => Value,
): Partial<Record<Name, Value>> {
  if (column === null || column === undefined) return {};
  return { [name]: read(column) } as Record<Name, Value>;
}

/** @throws TypeError unless the column is a date that JavaScript can hold: NULL, `infinity` and what the driver could not read are none */
export function readDate(column: unknown): Date {
  const date = typeof column === 'string' ? new Date(column) : column;
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date;
  throw new TypeError('The ledger holds a date that cannot be read.');
}

export function readState(column: unknown): ClaimState {
  const state = String(column);
  if (!isClaimState(state)) throw new TypeError('The ledger holds a state that this version does not know.');
  return state;
}

export function readDecision(column: unknown): 'giveUp' | 'cancelled' | 'deadline' {
  if (column === 'giveUp' || column === 'cancelled' || column === 'deadline') return column;
  throw new TypeError('The ledger holds a decision that this version does not know.');
}
