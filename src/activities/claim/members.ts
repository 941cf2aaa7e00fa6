import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError, failureOf } from '../../domain/failures';
import type { ArchiveRecord } from '../../domain/record';
import { nameOf, type ArchiveId, type ArchiveKey, type ConferenceId, type TenantId } from '../../domain/ids';
import { availabilityOf, platformConfirmedAbandon } from '../../domain/statuses';
import type { CopyVerdict } from '../../domain/sweep';
import type { LedgerEntry } from '../../ledger/ledger';
import { examineCopy } from '../../store/examine-copy';
import type { Dependencies } from '../dependencies';
import { findWholeBag, needsChecksum, readRecord, securedIn } from './facts';

/** The scope of an abandon: all archives of a conference, or one archive if the platform's endpoint addresses archives. */
export interface Reach {
  readonly key: ArchiveKey;
  readonly conferenceId?: ConferenceId;
}

/** The archives that an abandon would reach, as the ledger knows them. */
export async function membersOf(
  { ledger }: Pick<Dependencies, 'ledger'>,
  { key, conferenceId }: Reach,
): Promise<readonly LedgerEntry[]> {
  if (conferenceId !== undefined) return await ledger.members(key.tenant, conferenceId);
  const entry = await ledger.find(key);
  return entry === undefined || entry.toldAt !== undefined ? [] : [entry];
}

/**
 * Checks that every member's bag is in its place and its fixity check fresh, and reads the copy back otherwise. It records
 * a missing or damaged copy before anything else, so that the judgement refuses it.
 *
 * @param since milliseconds since 1970: older checks are repeated, however fresh they are
 * @throws ArchivistError `CopyMissing` or `ChecksumMismatch` if the claim's own copy is not good: it is downloaded again
 */
export async function proveMembers(
  dependencies: Pick<Dependencies, 'ledger' | 'store'>,
  reach: Reach,
  since: number,
): Promise<readonly LedgerEntry[]> {
  const members = await membersOf(dependencies, reach);
  for (const member of members) {
    const verdict = await look(dependencies, member, since);
    if (verdict === 'whole' || member.archiveId !== reach.key.archiveId) continue;
    throw new ArchivistError(
      verdict === 'missing' ? 'CopyMissing' : 'ChecksumMismatch',
      `The secured copy of ${nameOf(reach.key)} is damaged or gone; it was not abandoned.`,
    );
  }
  return members;
}

async function look(
  { ledger, store }: Pick<Dependencies, 'ledger' | 'store'>,
  member: LedgerEntry,
  since: number,
): Promise<CopyVerdict> {
  const { fixity } = member;
  const secured = securedIn(member);
  // The judgement refuses a member that is not secured: there is nothing to read.
  if (secured === undefined || fixity === undefined) return 'whole';
  if (!fixity.ok) return 'damaged';
  const bag = await findWholeBag(store, member);
  const isInPlace = bag?.sha256 === secured.sha256 && bag.sizeBytes === secured.sizeBytes;
  if (isInPlace && fixity.at.getTime() >= since) return 'whole';
  const { verdict, found } = await examineCopy(store, member, secured, { signal: cancellationSignal() });
  await ledger.noteMemberFixity(member, { ...found, verdict, seen: fixity.at });
  return verdict;
}

/**
 * Reads the records of the other members: an abandon would delete a file that the platform made anew after we secured its copy.
 * It notes each record that shows told. An archive that the platform does not know (404) has no file that could be lost.
 * @returns the members that were looked at: none if one is in the way, because the judgement refuses then
 * @throws ArchivistError `RecordInvalid` or `ChecksumMissing` if a record does not name the bytes that were secured,
 * `AbandonUnconfirmed` if there is no file to download, and why a record could not be read
 */
export async function compareRecords(
  {
    platformOf,
    ledger,
    expiry,
    settings,
  }: Pick<Dependencies, 'platformOf' | 'ledger' | 'expiry' | 'settings'>,
  { key }: Reach,
  members: readonly LedgerEntry[],
): Promise<readonly ArchiveId[]> {
  const isInTheWay = (member: LedgerEntry): boolean =>
    !(member.state === 'secured' || (member.toldAt && securedIn(member))) ||
    member.fixity?.ok !== true ||
    member.held !== undefined ||
    member.decided !== undefined ||
    (!settings.abandon && member.abandonWanted === undefined) ||
    member.conferenceIds.length === 0;
  // The ledger may be outdated if it says that the platform has a file of a told member again: only the record shows it.
  if (members.some((member) => member.toldAt === undefined && isInTheWay(member))) return [];
  const others = members.filter(({ archiveId }) => archiveId !== key.archiveId);
  for (const member of others) {
    const record = await readRecord(platformOf, member, cancellationSignal());
    if (record instanceof ArchivistError) {
      if (record.type === 'ArchiveNotFound') continue;
      throw record;
    }
    const { status } = record;
    if (platformConfirmedAbandon(status))
      await ledger.noteTold(key.tenant, [{ archiveId: member.archiveId, status }], expiry);
    else if (isInTheWay(member)) return [];
    else if (availabilityOf(status) !== 'available')
      throw unconfirmed(key, `the platform has no file of ${member.archiveId}, of the same conference`);
    else requireSecuredBytes(member, record, settings);
  }
  return others.map(({ archiveId }) => archiveId);
}

/**
 * The record must name the bytes that were secured. If it has lost its checksum, the platform may have made the file anew.
 * @throws ArchivistError `RecordInvalid`; `ChecksumMissing` unless the configuration or a person has waived it
 */
export function requireSecuredBytes(
  member: LedgerEntry,
  { sha256 }: ArchiveRecord,
  settings: Dependencies['settings'],
): void {
  if (sha256 === undefined && needsChecksum(settings, member)) throw failureOf('ChecksumMissing', member);
  if (sha256 !== undefined && sha256 !== member.sha256)
    throw new ArchivistError(
      'RecordInvalid',
      `The record of ${nameOf(member)} changed after its copy was secured; its conference was not abandoned.`,
    );
}

/**
 * Reads the members' records, and notes each one at once that shows that the platform was told.
 * @returns the members that were told, and the first failure to read a record, which proves nothing. A 404 is no failure: the
 * platform has answered, and there is nothing to note.
 */
export async function noteToldMembers(
  { platformOf, ledger, expiry }: Pick<Dependencies, 'platformOf' | 'ledger' | 'expiry'>,
  tenant: TenantId,
  archiveIds: readonly ArchiveId[],
  signal: AbortSignal,
): Promise<{ readonly told: readonly ArchiveId[]; readonly failure: ArchivistError | undefined }> {
  const told: ArchiveId[] = [];
  let failure: ArchivistError | undefined;
  for (const archiveId of archiveIds) {
    const record = await readRecord(platformOf, { tenant, archiveId }, signal);
    if (record instanceof ArchivistError) {
      if (record.type !== 'ArchiveNotFound') failure ??= record;
    } else if (platformConfirmedAbandon(record.status)) {
      await ledger.noteTold(tenant, [{ archiveId, status: record.status }], expiry);
      told.push(archiveId);
    }
  }
  return { told, failure };
}

export function unconfirmed(key: ArchiveKey, why: string, retryAfterMs?: number): ArchivistError {
  return new ArchivistError(
    'AbandonUnconfirmed',
    `The abandon of ${nameOf(key)} is not confirmed: ${why}.`,
    retryAfterMs,
  );
}
