import { randomUUID } from 'node:crypto';
import type { SecuredArchive } from '../../src/domain/claim';
import {
  parseArchiveId,
  parseConferenceId,
  parseTenantId,
  type ArchiveKey,
  type TenantId,
} from '../../src/domain/ids';
import type { Database } from '../../src/ledger/postgres';
import type { ArchiveRecord } from '../../src/domain/record';
import type { Fence, Ledger } from '../../src/ledger/ledger';
import type { FlightTerms } from '../../src/ledger/sql/abandons';
import type { ListedArchive } from '../../src/ledger/sql/lists';

const TENANT = parseTenantId('mycompany');
export const SHA256 = 'a'.repeat(64);
export const OTHER_SHA256 = 'b'.repeat(64);
export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
export const EXPIRY = { recheckMs: 2 * DAY_MS, periodMs: 3 * DAY_MS };

/** Matches any date. */
export const A_DATE: unknown = expect.any(Date);

/** A tenant that no other test knows. */
export function newTenant() {
  return parseTenantId(`t${randomUUID()}`);
}

/** An archive that no other test knows. */
export function newKey(tenant = TENANT): ArchiveKey {
  return { tenant, archiveId: parseArchiveId(randomUUID()) };
}

export function newConference() {
  return parseConferenceId(randomUUID());
}

/** A record's bytes, and what they say. */
export function sent(text: string): Pick<ArchiveRecord, 'source' | 'content'> {
  return { source: Buffer.from(text), content: JSON.parse(text.replace(/^\uFEFF/, '')) };
}

export function recordNote(changes: Partial<ArchiveRecord> = {}): ArchiveRecord {
  return {
    conferenceId: newConference(),
    status: 'AVAILABLE',
    sha256: SHA256,
    ...sent('{"participants":["Erika Mustermann"]}'),
    ...changes,
  };
}

export function securedArchive(changes: Partial<SecuredArchive> = {}): SecuredArchive {
  return {
    conferenceId: newConference(),
    sha256: SHA256,
    sizeBytes: 5_000_000_000,
    location: 'file:./data/archives/mycompany/x',
    ...changes,
  };
}

let clock = Date.now();

/** The token of an attempt that was scheduled after all before. */
export function fence(step: number, changes: Partial<Fence> = {}): Fence {
  clock = Math.max(clock + 1, Date.now());
  return { at: clock, runId: 'run-1', step, attempt: 1, ...changes };
}

export const begin = (record: Partial<ArchiveRecord> = {}, deadlineAt = Date.now() + 7 * DAY_MS) => ({
  deadlineAt,
  record: recordNote(record),
  expiry: EXPIRY,
});

/** Claims the archive to `secured`. @returns the token of the attempt that owns the row */
export async function secure(
  ledger: Ledger,
  key: ArchiveKey,
  copy: Partial<SecuredArchive> = {},
  runId = `run-of-${key.archiveId}`,
): Promise<Fence> {
  const secured = securedArchive(copy);
  const { conferenceId, sha256 } = secured;
  await ledger.beginClaim(key, fence(1, { runId }), begin({ conferenceId, sha256 }));
  const verify = fence(3, { runId });
  await ledger.takeStep(key, verify, 'verifying');
  expect(await ledger.secureCopy(key, verify, secured)).toBe('secured');
  const abandon = fence(4, { runId });
  await ledger.takeStep(key, abandon);
  return abandon;
}

/** Shows archives as one reading of the platform's list does. */
export async function list(ledger: Ledger, tenant: TenantId, listed: readonly ListedArchive[]) {
  const id = await ledger.beginList(tenant, 'a test', 60_000);
  const noted = await ledger.noteListed(tenant, id ?? '', listed, EXPIRY);
  expect(await ledger.endList(id ?? '', true, { factor: 0, longestMs: 0 })).toBe(true);
  return noted;
}

/** As if the platform's whole list had been read now, with these archives as AVAILABLE. */
export async function readWholeList(ledger: Ledger, ...keys: readonly ArchiveKey[]): Promise<void> {
  const listed = keys.map(({ archiveId }) => ({ archiveId, status: 'AVAILABLE' }));
  await list(ledger, keys[0]?.tenant ?? TENANT, listed);
}

const INTENT = {
  worker: 'worker-1',
  copyOnly: false,
  leaseMs: 30_000,
  fixityFreshMs: DAY_MS,
  listAgeMs: HOUR_MS,
};

/** Judges as a claim does that has looked at every member that the ledger knows now. */
export async function intend(
  ledger: Ledger,
  key: ArchiveKey,
  token: Fence,
  terms: Partial<FlightTerms> = {},
): Promise<string> {
  const { conferenceId } = terms;
  const members = conferenceId === undefined ? [] : await ledger.members(key.tenant, conferenceId);
  const lookedAt = members.map(({ archiveId }) => archiveId);
  return await ledger.intend(key, token, { ...INTENT, lookedAt, flightId: randomUUID(), ...terms });
}

/** Has the archive told to the platform. */
export async function tell(ledger: Ledger, { tenant, archiveId }: ArchiveKey, status = 'ABANDONED') {
  await ledger.noteTold(tenant, [{ archiveId, status }], EXPIRY);
}

/** Makes what happened to the archive so much older: every time in its row, and its turn in the queue. */
export async function age(database: Database, { tenant, archiveId }: ArchiveKey, ms: number): Promise<void> {
  const columns =
    `state_since attention_since ended_at decided_at held_at released_at abandon_wanted_at announced_at secured_at told_at
    expired_at fixity_at fixity_due_at confirm_due_at deadline_at`.split(/\s+/);
  const older = columns.map((column) => `${column} = ${column} - $3::float8 * interval '1 millisecond'`);
  await database.query(
    `UPDATE archives SET ${older.join(', ')}, fence_at = fence_at - $3::float8::bigint WHERE tenant = $1 AND archive_id = $2`,
    [tenant, archiveId, ms],
  );
}

/** Queues archives as an order, a list or a claim's end does: they are due at once, and no lease of theirs holds any more. */
export async function enqueue(
  database: Database,
  keys: readonly ArchiveKey[],
  origin: 'list' | 'order' | 'retry',
): Promise<void> {
  for (const { tenant, archiveId } of keys)
    await database.query(
      `INSERT INTO queue (tenant, archive_id, origin) VALUES ($1, $2, $3)
      ON CONFLICT (tenant, archive_id)
        DO UPDATE SET origin = excluded.origin, due_at = least(queue.due_at, excluded.due_at), leased_by = NULL`,
      [tenant, archiveId, origin],
    );
}

/** The archives that are queued for a tenant, sorted. */
export async function queued(database: Database, tenant: TenantId): Promise<unknown[]> {
  const rows = await database.query('SELECT archive_id FROM queue WHERE tenant = $1 ORDER BY archive_id', [
    tenant,
  ]);
  return rows.map((row) => row['archive_id']);
}

export interface LedgerEvent {
  /** A term of the PREMIS event type vocabulary. */
  readonly type: string;
  readonly outcome: 'success' | 'failure' | 'warning';
  readonly detail: Readonly<Record<string, unknown>>;
  /** SHA-256, hex, over this event and the hash of the one before. */
  readonly hash: string;
}

/** An archive's events in the order of their chain. */
export async function ledgerEvents(
  database: Database,
  { tenant, archiveId }: ArchiveKey,
): Promise<readonly LedgerEvent[]> {
  const rows: readonly unknown[] = await database.query(
    'SELECT sequence, at, type, outcome, detail, hash FROM events WHERE tenant = $1 AND archive_id = $2 ORDER BY sequence',
    [tenant, archiveId],
  );
  return rows as readonly LedgerEvent[];
}
