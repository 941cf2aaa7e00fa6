import { cancellationSignal } from '@temporalio/activity';
import { ArchivistError } from '../../domain/failures';
import { nameOf, type ArchiveId, type ArchiveKey, type ConferenceId, type TenantId } from '../../domain/ids';
import { platformConfirmedAbandon } from '../../domain/statuses';
import type { Member } from '../../ledger/sql/abandons';
import { examineCopy, type Examination } from '../../store/examine-copy';
import type { Dependencies } from '../dependencies';
import { findWholeBag, readRecord } from './facts';

/** What an abandon reaches: all archives of a conference, or one archive if the platform's endpoint addresses archives. */
export interface Reach {
  readonly key: ArchiveKey;
  readonly conferenceId?: ConferenceId;
}

/** The archives that an abandon would reach and that are not told, as the ledger knows them. */
export async function membersOf(
  { ledger }: Pick<Dependencies, 'ledger'>,
  { key, conferenceId }: Reach,
): Promise<readonly Member[]> {
  if (conferenceId !== undefined) return await ledger.members(key.tenant, conferenceId);
  const entry = await ledger.find(key);
  if (entry === undefined || entry.toldAt !== undefined) return [];
  const { archiveId, sha256, sizeBytes, securedAt, fixity } = entry;
  const isSecured = securedAt !== undefined && sha256 !== undefined && sizeBytes !== undefined;
  return [
    {
      archiveId,
      conferenceKnown: entry.conferenceIds.length > 0,
      ...(isSecured && { secured: { sha256, sizeBytes } }),
      ...(fixity && { fixity }),
    },
  ];
}

/**
 * Makes sure that every member's bag is in its place and its fixity check fresh, and reads back what is not. What is missing or
 * damaged is written down before anything else: it fails the judgement.
 *
 * @param since milliseconds since 1970: older checks are made again, however fresh they are
 * @throws ArchivistError `CopyMissing` or `ChecksumMismatch` if the claim's own copy is not good: it is downloaded again
 */
export async function proveMembers(
  dependencies: Pick<Dependencies, 'ledger' | 'store'>,
  reach: Reach,
  since: number,
): Promise<readonly Member[]> {
  const members = await membersOf(dependencies, reach);
  for (const member of members) {
    const { verdict } = await look(dependencies, reach.key.tenant, member, since);
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
  tenant: TenantId,
  { archiveId, secured, fixity }: Member,
  since: number,
): Promise<Examination> {
  // The judgement refuses what is not secured; nothing need be read for that.
  if (secured === undefined || fixity === undefined) return { verdict: 'whole' };
  if (!fixity.ok) return { verdict: 'damaged' };
  const key = { tenant, archiveId };
  const bag = await findWholeBag(store, key);
  const isInPlace = bag?.sha256 === secured.sha256 && bag.sizeBytes === secured.sizeBytes;
  if (isInPlace && fixity.at.getTime() >= since) return { verdict: 'whole' };
  const found = await examineCopy(store, key, secured, { signal: cancellationSignal() });
  await ledger.noteMemberFixity(key, { ...found.found, verdict: found.verdict, seen: fixity.at });
  return found;
}

/**
 * Reads the members' records, and writes down at once which of them show that the platform was told.
 * @returns those, and why a record could not be read, if any: that says nothing
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
    if (record instanceof ArchivistError) failure ??= record;
    else if (platformConfirmedAbandon(record.status)) {
      await ledger.noteTold(tenant, [{ archiveId, status: record.status }], expiry);
      told.push(archiveId);
    }
  }
  return { told, failure };
}
