import type { SecuredArchive } from '../domain/claim';
import { ArchivistError, type FailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import type { CopyVerdict } from '../domain/expiry';
import { SEALED, type ArchiveStore, type CopyReader } from '../store/archive-store';
import { countZipEntries } from '../store/count-zip-entries';
import { digestCopy, type CopyDigest, type DigestOptions } from '../store/digest-copy';

/** What a look at a stored copy showed. */
export interface Examination {
  readonly verdict: CopyVerdict;
  /** What was read; absent where there was nothing to read. */
  readonly found?: CopyDigest;
}

/**
 * Reads a sealed copy back from the store, whole, and compares it with what was secured: its SHA-256 and size, those that the
 * bag's own manifest names, and the zip's directory. Changes nothing.
 * @throws ArchivistError what the store throws; `StoreConflict` where another archive's bag is in the place; `ZipUnreadable`
 * where the right bytes are no zip
 */
export async function examineCopy(
  store: ArchiveStore,
  key: ArchiveKey,
  secured: Pick<SecuredArchive, 'sha256' | 'sizeBytes'>,
  options: DigestOptions,
): Promise<Examination> {
  const reader = await unless('CopyMissing', store.open(key, SEALED));
  if (reader === undefined) return { verdict: 'missing' };
  try {
    return await examine(store, key, secured, reader, options);
  } finally {
    await reader.close();
  }
}

async function examine(
  store: ArchiveStore,
  key: ArchiveKey,
  secured: Pick<SecuredArchive, 'sha256' | 'sizeBytes'>,
  reader: CopyReader,
  options: DigestOptions,
): Promise<Examination> {
  const found = await digestCopy(reader, options);
  // Whose bag it is was seen when it was opened: a conflict now is a bag that lacks a part of its own.
  const bag = await unless('StoreConflict', store.findSealed(key));
  const whole = [found, bag].every(
    (copy) => copy?.sha256 === secured.sha256 && copy.sizeBytes === secured.sizeBytes,
  );
  if (!whole) return { verdict: 'damaged', found };
  const { signal } = options;
  await countZipEntries(reader, signal && { signal });
  return { verdict: 'whole', found };
}

async function unless<Result>(type: FailureType, work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ArchivistError && error.type === type) return undefined;
    throw error;
  }
}
