import { cancellationSignal } from '@temporalio/activity';
import type { ArchiveFacts, DownloadedCopy, SecuredArchive } from '../../domain/claim';
import { unless } from '../../domain/error-code';
import { ArchivistError, failureOf, type FailureType } from '../../domain/failures';
import { nameOf, type ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';
import { SEALED, type CopyReader } from '../../store/archive-store';
import { countZipEntries } from '../../store/count-zip-entries';
import { digestCopy, type CopyDigest } from '../../store/examine-copy';
import type { Dependencies } from '../dependencies';
import { fenceOf, isOwnEnd, requireOpen, requireOwned, STEPS, takeStep, takeStepOrEnd } from '../fence';
import { TransferReport } from '../heartbeats';
import { count } from '../metrics';
import { findWholeBag, securedIn } from './facts';

/**
 * Verifies a copy, seals it into its bag and records it as secured: then the platform may be told. It reads the whole copy
 * back from the store, compares SHA-256 with the record and size with the download, and opens the zip. A digest that the
 * store read back while the bytes arrived counts if nothing touched the file since; a digest of the stream proves nothing.
 *
 * The checksum proves the bytes: a copy that has it and does not open as a zip is kept, with a warning that a person must accept
 * before the abandon. A copy without a checksum must open, unless the platform deletes its file soon.
 *
 * A bad copy is discarded if it is the incoming file that the input names and this attempt still owns the archive's row. A sealed
 * bag leaves its place only when a verified copy replaces it.
 *
 * @throws ArchivistError `ChecksumMismatch`, `CopyMissing`, `ZipUnreadable`, `RecordInvalid`, `StoreConflict`, `FencedOff`, `LedgerBehind`
 */
export async function verifyCopy(
  { store, ledger }: Dependencies,
  key: ArchiveKey,
  facts: ArchiveFacts,
  copy: DownloadedCopy,
): Promise<SecuredArchive> {
  const fence = fenceOf(STEPS.verifyCopy);
  const entry = await takeStepOrEnd(ledger, key, fence, 'verifying');
  const sha256 = expectedOf(key, entry, facts, copy);
  const conferenceId = entry.conferenceId ?? facts.conferenceId;
  const earlier = securedIn(entry);
  if (isOwnEnd(entry, fence) && earlier?.sha256 === sha256) return earlier;
  requireOpen(key, entry, fence);

  const replaces = copy.copyId === SEALED ? undefined : await knownBadBag();
  const { copyId, reader } = await openCopy();
  let warning: FailureType | undefined;
  try {
    warning = await prove(copyId, reader);
  } finally {
    await reader.close();
  }
  // An attempt that stalled after it took the row over must not move the bag that a later one has put in place.
  if (replaces !== undefined) await takeStep(ledger, key, fence, 'verifying');
  const recordSource = await ledger.findRecord(key);
  if (recordSource === undefined) throw failureOf('LedgerBehind', key);
  const contents = { sha256, sizeBytes: copy.sizeBytes, conferenceId, recordSource };
  const { sizeBytes, location } = await store.seal(key, copyId, contents, replaces);
  const secured = { conferenceId, sha256, sizeBytes, location };
  const verdict = await ledger.secureCopy(entry, fence, secured, warning);
  requireOwned(key, verdict);
  if (verdict === 'other') throw changed(key);
  const isRepair = verdict === 'repaired' && entry.fixity?.ok === false;
  if (isRepair) count(key.tenant, { archivist_copies_repaired: 1 });
  return secured;

  /** Returns the mark of the bag in place if it is known to be bad, so that this copy may replace it. */
  async function knownBadBag(): Promise<string | undefined> {
    const { fixity, securedAt } = entry;
    const isBad =
      fixity?.ok === false || (securedAt !== undefined && (await findWholeBag(store, key)) === undefined);
    return isBad ? await store.markOf(key) : undefined;
  }

  /** If an earlier attempt died after it sealed the copy, nothing is left to seal: the bag is verified in its place. */
  async function openCopy(): Promise<{ copyId: string; reader: CopyReader }> {
    const reader = await unless(['CopyMissing'], store.open(key, copy.copyId));
    if (reader !== undefined) return { copyId: copy.copyId, reader };
    if (copy.copyId === SEALED || (await findWholeBag(store, key)) === undefined)
      throw failureOf('CopyMissing', key);
    return { copyId: SEALED, reader: await store.open(key, SEALED) };
  }

  /** @returns what is wrong with the copy although its bytes are right */
  async function prove(opened: string, reader: CopyReader): Promise<FailureType | undefined> {
    // `undefined` if a part of the copy cannot be read.
    const found = await unless(['CopyMissing'], digestOf(reader));
    if (found?.sha256 === sha256 && found.sizeBytes === copy.sizeBytes) {
      const entries = await unless(mayBeNoZip() ? ['ZipUnreadable'] : [], countZipEntries(reader));
      return entries === undefined ? 'ZipUnreadable' : undefined;
    }
    requireOwned(key, await ledger.noteBadCopy(key, fence, found ?? {}));
    if (opened !== SEALED) await store.discard(key, opened);
    throw failureOf('ChecksumMismatch', key);
  }

  /** Without a checksum only the zip tells whether all of the file arrived. */
  function mayBeNoZip(): boolean {
    const isNamed = (entry.sha256 ?? facts.sha256) !== undefined;
    return isNamed || availabilityOf(facts.platformStatus) !== 'available';
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

function changed(key: ArchiveKey): ArchivistError {
  return new ArchivistError(
    'RecordInvalid',
    `The SHA-256 of ${nameOf(key)} is not the one that the ledger has.`,
  );
}

async function digestOf(reader: CopyReader): Promise<CopyDigest> {
  const { readBack: sha256, sizeBytes } = reader;
  if (sha256 !== undefined) return { sha256, sizeBytes };
  const report = new TransferReport(sizeBytes);
  return await digestCopy(reader, {
    signal: cancellationSignal(),
    onBytes: (count) => report.add(count),
  });
}
