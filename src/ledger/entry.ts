import { parseArchiveId, parseConferenceId, parseTenantId } from '../domain/ids';
import { isClaimState, type ClaimState } from '../domain/states';
import type { Columns } from './database';
import type { LedgerEntry } from './ledger';

/** What `SELECT` must name for {@link readEntry}. The size as a double: it is exact to 9 PB, and the same in both drivers. */
export const ENTRY_COLUMNS = `tenant, archive_id, conference_id, sha256, size_bytes::float8 AS size_bytes, location, state,
  platform_status, announced_at, secured_at, abandoned_at, last_verified_at, attention, held_at, held_by,
  abandon_ordered_by, rechecked_at, expired_at, updated_at`;

export function readEntry(row: Columns): LedgerEntry {
  return {
    tenant: parseTenantId(row['tenant']),
    archiveId: parseArchiveId(row['archive_id']),
    state: readState(row['state']),
    announcedAt: row['announced_at'] as Date,
    updatedAt: row['updated_at'] as Date,
    ...present('conferenceId', row['conference_id'], parseConferenceId),
    ...present('sha256', row['sha256'], String),
    ...present('sizeBytes', row['size_bytes'], Number),
    ...present('location', row['location'], String),
    ...present('platformStatus', row['platform_status'], String),
    ...present('recordSource', row['record_source'], String),
    ...present('securedAt', row['secured_at'], asDate),
    ...present('abandonedAt', row['abandoned_at'], asDate),
    ...present('recheckedAt', row['rechecked_at'], asDate),
    ...present('expiredAt', row['expired_at'], asDate),
    ...present('lastVerifiedAt', row['last_verified_at'], asDate),
    ...present('attention', row['attention'], String),
    ...present('held', row['held_at'], (since) => ({ by: String(row['held_by']), since: asDate(since) })),
    ...present('abandonOrderedBy', row['abandon_ordered_by'], String),
  };
}

/** The property where the column has a value; nothing where it is NULL. */
function present<Name extends string, Value>(
  name: Name,
  column: unknown,
  read: (column: unknown) => Value,
): Partial<Record<Name, Value>> {
  if (column === null || column === undefined) return {};
  return { [name]: read(column) } as Record<Name, Value>;
}

function asDate(column: unknown): Date {
  return column as Date;
}

function readState(column: unknown): ClaimState {
  const state = String(column);
  if (!isClaimState(state)) throw new TypeError('The ledger holds a state that this version does not know.');
  return state;
}
