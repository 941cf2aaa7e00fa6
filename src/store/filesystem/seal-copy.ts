import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unless } from '../../domain/error-code';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { SEALED, type BagContents, type SealedCopy } from '../archive-store';
import { BAG_FILES, composeTagFiles } from '../bag';
import { linkOrMove, makeDirectory, moveDirectory, sync, writeNewFile } from './durable';
import { codeOf, copyMissing, ifThere } from './failures';
import { newId, type Layout } from './layout';
import { inodeOf, removeAll, removeSealed, removeWhole } from './leftovers';
import { conflict, markOfBag, readSealedBag } from './sealed-bag';

/** The errors of rename(2) if another bag is in the place, or if this one was removed before it got there. */
const LOST_THE_RACE: readonly (string | undefined)[] = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'ENOENT'];

/**
 * Puts the bag in its place unless one is there that is not known to be bad, then checks the place. Whoever put it there, this
 * attempt, another one, or one that died before it could report, it is this archive's bag or a conflict.
 */
export async function sealCopy(
  layout: Layout,
  key: ArchiveKey,
  copyId: string,
  contents: BagContents,
  replaces?: string,
): Promise<SealedCopy> {
  const copy = copyId === SEALED ? undefined : layout.copy(key, copyId);
  const placed = copy !== undefined && (await place(layout, key, copy, contents, replaces));
  const sealed = await confirm(layout, key, contents);
  // The bag is safe: a later removal gets what this one cannot remove. Another attempt may still write a copy of its own.
  const incoming = layout.incoming(key);
  const sealedFile = join(layout.bag(key), BAG_FILES.payload);
  await (placed ? removeAll(incoming) : removeSealed(incoming, sealedFile, copy)).catch(() => undefined);
  return sealed;
}

/**
 * Builds the bag in a directory of this attempt alone, and renames it: only the first one appears, and whole. A process that
 * dies between the two renames of a replacement leaves the place empty, the bad bag aside, and the copy to be sealed again.
 * @returns whether this copy is in the place now because of this call
 */
async function place(
  layout: Layout,
  key: ArchiveKey,
  copy: string,
  contents: BagContents,
  replaces: string | undefined,
): Promise<boolean> {
  const isThere = replaces !== undefined && (await markOfBag(layout, key)) === replaces;
  const bad = isThere && !(await isPlaced(layout, key, copy)) ? replaces : undefined;
  if (bad === undefined && (await readSealedBag(layout, key)) !== undefined) return false;
  const bag = layout.bag(key);
  const draft = `${copy}.${newId()}`;
  try {
    await buildBag(key, copy, draft, contents);
    await makeDirectory(dirname(bag));
    const isFree = bad === undefined || (await moveAside(layout, key, bad));
    await (isFree ? rename(draft, bag) : removeWhole(draft).catch(() => undefined));
    return isFree;
  } catch (error) {
    await removeWhole(draft).catch(() => undefined);
    if (!LOST_THE_RACE.includes(codeOf(error))) throw error;
    return false;
  }
}

/** Whether an attempt that died before it could report has put this very copy in the place: a whole bag around the same file. */
async function isPlaced(layout: Layout, key: ArchiveKey, copy: string): Promise<boolean> {
  const [own, sealed] = [copy, layout.bag(key)].map((folder) => inodeOf(join(folder, BAG_FILES.payload)));
  if ((await own) === undefined || (await own) !== (await sealed)) return false;
  return (await unless(['StoreConflict'], readSealedBag(layout, key))) !== undefined;
}

/**
 * Moves the bag `bad` out of the place, durably, unless it is no longer there.
 * @returns `false` if another attempt had replaced it meanwhile: then that bag was moved, and is put back
 * @throws the error of rename(2) if a third bag has the place by then: the bag that was moved stays aside, and nothing is lost
 */
async function moveAside(layout: Layout, key: ArchiveKey, bad: string): Promise<boolean> {
  const bag = layout.bag(key);
  const aside = layout.damaged(key, new Date());
  await makeDirectory(dirname(aside));
  // Checked again: while this attempt built its bag, another one may have put a good bag there.
  if ((await markOfBag(layout, key)) !== bad) return true;
  if (!(await ifThere(rename(bag, aside).then(() => true)))) return true;
  // If the process was paused between the check and the rename, it may have moved a good bag instead.
  const moved = await inodeOf(aside);
  if (moved !== undefined && moved !== bad) {
    await moveDirectory(aside, bag);
    // If a store derives inode numbers from paths, bags cannot be told apart.
    if ((await markOfBag(layout, key)) === bad)
      throw conflict(key, 'is a damaged bag that cannot be replaced here');
    return false;
  }
  await sync(dirname(aside));
  await sync(dirname(bag));
  return true;
}

/**
 * Builds a whole, durable bag in the new directory `draft` around the archive of an incoming copy. The archive gets a
 * second name there instead of a new one: an attempt that dies leaves the copy as it was, to be sealed by the next.
 */
async function buildBag(key: ArchiveKey, copy: string, draft: string, contents: BagContents): Promise<void> {
  await requireSize(key, copy, contents.sizeBytes);
  await sync(join(copy, BAG_FILES.payload)).catch(async (error: unknown) => {
    // A copy whose bytes could not be synced is unusable, because the next fsync may succeed without them.
    await removeWhole(copy).catch(() => undefined);
    throw error;
  });
  const directories = [...new Set(Object.values(BAG_FILES).map((name) => dirname(join(draft, name))))];
  for (const directory of directories) await mkdir(directory, { recursive: true, mode: 0o700 });
  const tagFiles = composeTagFiles(key, contents, new Date());
  await Promise.all(tagFiles.map(({ name, content }) => writeNewFile(join(draft, name), content)));
  await linkOrMove(join(copy, BAG_FILES.payload), join(draft, BAG_FILES.payload));
  await Promise.all(directories.map(sync));
}

async function requireSize({ archiveId }: ArchiveKey, copy: string, proven: number): Promise<void> {
  const { size } = await stat(join(copy, BAG_FILES.payload));
  if (size === proven) return;
  throw new ArchivistError(
    'ChecksumMismatch',
    `The copy of archive ${archiveId} has ${size} bytes, and had ${proven} when it was verified.`,
  );
}

async function confirm(layout: Layout, key: ArchiveKey, contents: BagContents): Promise<SealedCopy> {
  const bag = await readSealedBag(layout, key);
  if (bag === undefined) throw copyMissing(key);
  const { copy, payloadBytes } = bag;
  if (copy.sha256 !== contents.sha256 || copy.sizeBytes !== contents.sizeBytes)
    throw conflict(key, 'is a bag with another copy of it');
  if (payloadBytes !== copy.sizeBytes) throw conflict(key, 'is a damaged bag');
  await sync(dirname(layout.bag(key)));
  await sync(layout.root);
  return copy;
}
