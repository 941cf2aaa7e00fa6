import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { SealedCopy } from '../archive-store';
import { BAG_FILES, checksumIn, isBagOf, sizeIn } from '../bag';
import { ifThere, isMissing, isUnreadable, unlessUnreadable } from './failures';
import type { Layout } from './layout';
import { inodeOf } from './leftovers';

/** A bag in its place. */
interface SealedBag {
  /** What its manifest and bag-info say about the archive. */
  readonly copy: SealedCopy;
  /** The actual size of the archive file. */
  readonly payloadBytes: number;
}

/**
 * Reads the bag in an archive's place; returns `undefined` if there is nothing.
 * @throws `StoreConflict` if it is not a whole bag of this archive
 */
export async function readSealedBag(layout: Layout, key: ArchiveKey): Promise<SealedBag | undefined> {
  const directory = layout.bag(key);
  try {
    return await readBag(directory, key);
  } catch (error) {
    if (isUnreadable(error)) throw conflict(key, 'is a bag that cannot be read');
    if (!isMissing(error)) throw error;
    if ((await inodeOf(directory)) !== undefined) throw conflict(key, 'is not a whole bag');
    return undefined;
  }
}

/**
 * Identifies what is in the place of an archive's bag by its inode, which a bag keeps when it is moved aside.
 * @throws `StoreConflict` if it is another archive's
 */
export async function markOfBag(layout: Layout, key: ArchiveKey): Promise<string | undefined> {
  await refuseForeignBag(layout, key);
  return await inodeOf(layout.bag(key));
}

/**
 * Protects a bag whose bag-info names another archive. If a bag's bag-info is missing or cannot be read, the bag counts as this
 * archive's, so that a damaged one can be moved out of the way.
 * @throws `StoreConflict`
 */
export async function refuseForeignBag(layout: Layout, key: ArchiveKey): Promise<void> {
  await unlessUnreadable(ifThere(readInfo(layout.bag(key), key)));
}

export function conflict({ archiveId }: ArchiveKey, what: string): ArchivistError {
  return new ArchivistError('StoreConflict', `What is in the place of archive ${archiveId} ${what}.`);
}

async function readBag(directory: string, key: ArchiveKey): Promise<SealedBag> {
  const info = await readInfo(directory, key);
  const [manifest, payload] = await Promise.all([
    readFile(join(directory, BAG_FILES.manifest), 'utf8'),
    stat(join(directory, BAG_FILES.payload)),
  ]);
  const sha256 = checksumIn(manifest);
  const sizeBytes = sizeIn(info);
  if (sha256 === undefined || sizeBytes === undefined)
    throw conflict(key, 'is a bag that cannot be understood');
  return { copy: { location: pathToFileURL(directory).href, sha256, sizeBytes }, payloadBytes: payload.size };
}

async function readInfo(directory: string, key: ArchiveKey): Promise<string> {
  const info = await readFile(join(directory, BAG_FILES.info), 'utf8');
  if (!isBagOf(info, key)) throw conflict(key, "is another archive's bag");
  return info;
}
