import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { BagContents } from '../archive-store';
import { BAG_FILES } from '../bag/bag-files';
import { composeTagFiles } from '../bag/compose-tag-files';
import { linkOrMove, makeDirectory, syncDirectory, syncFile, writeNewFile } from './durable';
import { removeWhole } from './leftovers';

/**
 * Builds a whole, durable bag in the new directory `draft` around the archive of an incoming copy. The archive gets a
 * second name there instead of a new one: an attempt that dies leaves the copy as it was, to be sealed by the next.
 */
export async function buildBag(
  key: ArchiveKey,
  copy: string,
  draft: string,
  contents: BagContents,
): Promise<void> {
  await requireSize(key, copy, contents.sizeBytes);
  await syncPayload(copy);
  const directories = [...new Set(Object.values(BAG_FILES).map((name) => dirname(join(draft, name))))];
  for (const directory of directories) await makeDirectory(directory);
  const tagFiles = composeTagFiles(key, contents, new Date());
  await Promise.all(tagFiles.map(({ name, bytes }) => writeNewFile(join(draft, name), bytes)));
  await linkOrMove(join(copy, BAG_FILES.payload), join(draft, BAG_FILES.payload));
  await Promise.all(directories.map(syncDirectory));
}

async function requireSize({ archiveId }: ArchiveKey, copy: string, proven: number): Promise<void> {
  const { size } = await stat(join(copy, BAG_FILES.payload));
  if (size === proven) return;
  throw new ArchivistError(
    'ChecksumMismatch',
    `The copy of archive ${archiveId} has ${size} bytes; it was proven with ${proven}.`,
  );
}

/** A copy whose bytes could not be made durable is dead, as the next fsync may succeed without them. */
async function syncPayload(copy: string): Promise<void> {
  try {
    await syncFile(join(copy, BAG_FILES.payload));
  } catch (error) {
    await removeWhole(copy).catch(() => undefined);
    throw error;
  }
}
