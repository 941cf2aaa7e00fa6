import {
  parseArchiveId,
  parseConferenceId,
  parseTenantId,
  type ArchiveKey,
  type ConferenceId,
} from '../domain/ids';
import type { ClaimState } from '../domain/states';
import { present, readDate, readDecision, readRow, readState } from './columns';
import type { Run } from './run-statement';

export interface LedgerEntry extends ArchiveKey {
  /** The record's conference: the first of `conferenceIds`. */
  readonly conferenceId?: ConferenceId;
  /** Every conference that the archive was ever shown in. */
  readonly conferenceIds: readonly ConferenceId[];
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly location?: string;
  readonly state: ClaimState;
  readonly stateSince: Date;
  readonly platformStatus?: string;
  /** Why a person should look: a failure type. */
  readonly attention?: { readonly reason: string; readonly since: Date };
  readonly warning?: string;
  readonly accepted: readonly string[];
  /** The run of the claim (or repair) that wrote last; absent if none ever began. */
  readonly runId?: string;
  readonly ended?: { readonly at: Date; readonly reason: string };
  readonly deadlineAt?: Date;
  readonly decided?: {
    readonly decision: 'giveUp' | 'cancelled' | 'deadline';
    readonly by: string;
    readonly at: Date;
  };
  /** Who keeps it from being abandoned. */
  readonly held?: { readonly by: string; readonly since: Date };
  /** Who wants it abandoned although copy-only mode is on. */
  readonly abandonWanted?: { readonly by: string; readonly at: Date };
  readonly announcedAt: Date;
  /** When a copy was last sealed. */
  readonly securedAt?: Date;
  /** When the platform first showed that it was told. */
  readonly toldAt?: Date;
  /** When the record said EXPIRED. */
  readonly expiredAt?: Date;
  /** The latest fixity check of the sealed copy. */
  readonly fixity?: { readonly ok: boolean; readonly at: Date };
  readonly fixityDueAt?: Date;
  readonly confirmDueAt?: Date;
}

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

/** Runs a statement that gives rows of `archives`, each as its column `entry`. */
export async function findEntries(run: Run, ...statement: Parameters<Run>): Promise<LedgerEntry[]> {
  return (await run(...statement)).map(({ entry }) => readEntry(entry));
}
