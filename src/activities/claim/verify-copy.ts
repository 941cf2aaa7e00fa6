import { cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy, SecuredArchive } from '../../domain/claim';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { Fence, LedgerEntry } from '../../ledger/ledger';
import { SEALED, type CopyReader } from '../../store/archive-store';
import { countZipEntries } from '../../store/count-zip-entries';
import { digestCopy, type CopyDigest } from '../../store/examine-copy';
import type { Dependencies } from '../dependencies';
import { fenceOf, isOwnEnd, requireOwned, STEPS, takeStep, takeStepOrEnd } from '../fence';
import { TransferReport } from '../heartbeats';
import { countCopies } from '../sweep/copy-metrics';
import { securedIn } from './facts';
import { findWholeBag } from './sealed-bag';

/**
 * Proves a copy, seals it into its bag and records it as secured: from then on the platform may be told. Its SHA-256, read back
 * from the store whole, is compared with the record's, its size with what arrived, and the zip is opened. What the store read back
 * while the bytes arrived counts if nothing touched the file since; what was seen while they passed by counts for nothing.
 *
 * A bad copy is discarded if it is the incoming file that the input names and this attempt still owns the archive's row. A sealed
 * bag leaves its place only when a proven copy takes it.
 *
 * @throws ArchivistError `ChecksumMismatch`, `CopyMissing`, `ZipUnreadable`, `RecordInvalid`, `StoreConflict`, `FencedOff`, `LedgerBehind`
 */
export function createVerifyCopy({ store, ledger }: Dependencies) {
  return async function verifyCopy(
    key: ArchiveKey,
    facts: ArchiveFacts,
    copy: DownloadedCopy,
  ): Promise<SecuredArchive> {
    const fence = fenceOf(STEPS.verifyCopy);
    const entry = await takeStepOrEnd(ledger, key, fence, 'verifying');
    const sha256 = expectedOf(key, entry, facts, copy);
    const earlier = securedIn(entry);
    if (isOwnEnd(entry, fence) && earlier?.sha256 === sha256) return earlier;

    const replaces = copy.copyId === SEALED ? undefined : await knownBadBag(key, entry);
    const { copyId, reader } = await openCopy(key, copy.copyId);
    try {
      await prove(key, fence, { ...copy, copyId, sha256 }, reader);
    } finally {
      await reader.close();
    }
    // An attempt that stood still since it took the row over must not move what a later one has put in the bag's place.
    if (replaces !== undefined) await takeStep(ledger, key, fence, 'verifying');
    const bag = await store.seal(key, copyId, await contentsOf(key, entry, facts, sha256, copy), replaces);
    const conferenceId = entry.conferenceId ?? facts.conferenceId;
    const secured = { conferenceId, sha256, sizeBytes: bag.sizeBytes, location: bag.location };
    await record(entry, fence, secured);
    return secured;
  };

  /** Names the bag in the place if it is known not to be a good copy, so that this one may replace it. */
  async function knownBadBag(
    key: ArchiveKey,
    { fixity, securedAt }: LedgerEntry,
  ): Promise<string | undefined> {
    const isBad =
      fixity?.ok === false || (securedAt !== undefined && (await findWholeBag(store, key)) === undefined);
    return isBad ? await store.markOf(key) : undefined;
  }

  /** An attempt that died after it sealed the copy left nothing to seal: the bag is proven in its place. */
  async function openCopy(key: ArchiveKey, copyId: string): Promise<{ copyId: string; reader: CopyReader }> {
    try {
      return { copyId, reader: await store.open(key, copyId) };
    } catch (error) {
      const isGone = error instanceof ArchivistError && error.type === 'CopyMissing' && copyId !== SEALED;
      if (!isGone || (await findWholeBag(store, key)) === undefined) throw error;
      return { copyId: SEALED, reader: await store.open(key, SEALED) };
    }
  }

  async function prove(
    key: ArchiveKey,
    fence: Fence,
    { copyId, sha256, sizeBytes }: Required<DownloadedCopy>,
    reader: CopyReader,
  ): Promise<void> {
    const found = await unlessUnreadable(digestOf(reader));
    if (found?.sha256 === sha256 && found.sizeBytes === sizeBytes) {
      await countZipEntries(reader);
      return;
    }
    requireOwned(key, await ledger.noteBadCopy(key, fence, found ?? {}));
    if (copyId !== SEALED) await store.discard(key, copyId);
    throw new ArchivistError(
      'ChecksumMismatch',
      `The copy of archive ${key.archiveId} of ${key.tenant} is not what the record says.`,
    );
  }

  async function contentsOf(
    key: ArchiveKey,
    entry: LedgerEntry,
    facts: ArchiveFacts,
    sha256: string,
    { sizeBytes }: DownloadedCopy,
  ) {
    const recordSource = await ledger.findRecord(key);
    if (recordSource !== undefined)
      return { sha256, sizeBytes, conferenceId: entry.conferenceId ?? facts.conferenceId, recordSource };
    throw new ArchivistError(
      'LedgerBehind',
      `The ledger has no record of archive ${key.archiveId} of ${key.tenant}.`,
    );
  }

  async function record(entry: LedgerEntry, fence: Fence, secured: SecuredArchive): Promise<void> {
    const verdict = await ledger.secureCopy(entry, fence, secured);
    requireOwned(entry, verdict);
    if (verdict === 'other') throw changed(entry);
    const isRepair = verdict === 'repaired' && entry.fixity?.ok === false;
    if (isRepair) countCopies(entry.tenant, { archivist_copies_repaired: 1 });
  }
}

/**
 * The SHA-256 that the copy must have: what was secured before, what the record says, or, without one, that of the bytes as
 * they arrived. The ledger outranks the input, which anybody may have given to Temporal.
 */
function expectedOf(key: ArchiveKey, entry: LedgerEntry, facts: ArchiveFacts, copy: DownloadedCopy): string {
  const expected = entry.sha256 ?? facts.sha256 ?? copy.sha256;
  if (expected === undefined || (facts.sha256 ?? expected) !== expected) throw changed(key);
  return expected;
}

function changed({ tenant, archiveId }: ArchiveKey): ArchivistError {
  return new ArchivistError(
    'RecordInvalid',
    `The SHA-256 of archive ${archiveId} of ${tenant} is not the one that the ledger has.`,
  );
}

async function digestOf(reader: CopyReader): Promise<CopyDigest> {
  const { readBack: sha256, sizeBytes } = reader;
  if (sha256 !== undefined) return { sha256, sizeBytes };
  const report = new TransferReport();
  report.totalBytes = sizeBytes;
  return await digestCopy(reader, {
    signal: cancellationSignal(),
    onBytes: (count) => report.add(count),
  });
}

/** @returns `undefined` if a part of the copy cannot be read */
async function unlessUnreadable(digest: Promise<CopyDigest>): Promise<CopyDigest | undefined> {
  try {
    return await digest;
  } catch (error) {
    if (error instanceof ArchivistError && error.type === 'CopyMissing') return undefined;
    throw error;
  }
}
