import { constants, copyFile, lstat, mkdir, rename, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { isSurelyDead, thisBoot, type ProcessMark } from '../../processes/holder';
import type { IncomingCopy, Source } from '../archive-store';
import { BAG_FILES } from '../bag';
import { ifThere, unlessUnreadable } from './failures';
import { FileCopy } from './file-copy';
import { isCopyId, type Layout } from './layout';
import { pathsIn, removeDead, removeWhole } from './leftovers';
import { readNote, type CopyState } from './transfer-note';

/** Begins an incoming copy in a directory of its own, so that no other attempt can write into it. */
export async function receiveCopy(layout: Layout, key: ArchiveKey, source: Source): Promise<IncomingCopy> {
  await removeDead(layout.incoming(key));
  await requireRoom(layout, key, source.totalBytes ?? 0);
  const directory = await makeCopy(layout, key);
  return await FileCopy.open(key, { directory, source, receivedBytes: 0, durableBytes: 0 }, 'wx');
}

/**
 * Resumes the longest copy that earlier attempts left unfinished. `rename(2)` takes it over: only one attempt gets it, and an
 * attempt that still writes under the old name notices. This attempt appends to a file only if no other process can write it: an
 * attempt that seems dead may only be paused, and write again long after the copy was verified. Unless the last writer is
 * certainly dead, its bytes are therefore copied into a new file. A file that has a second hard link is never resumed, because
 * that link may be the payload of a bag.
 *
 * @returns `undefined` if there is nothing to resume, or if it cannot be read
 */
export async function resumeCopy(layout: Layout, key: ArchiveKey): Promise<IncomingCopy | undefined> {
  const left = await fullest(layout.incoming(key));
  if (left === undefined) return undefined;
  const directory = layout.newCopy(key);
  const isTaken = await ifThere(rename(left, directory).then(() => true));
  // Checked again under the new name, which no other attempt knows: until the rename, another could add bytes or a link.
  const found = isTaken && (await usable(directory));
  if (!found) return undefined;
  await requireRoom(layout, key, (found.source.totalBytes ?? 0) - found.receivedBytes);
  const isFree = found.writer === undefined || (await isSurelyDead(found.writer));
  const own = isFree ? found : await copied(layout, key, found);
  return own && (await orRemoved(own.directory, FileCopy.open(key, own, 'r+')));
}

async function fullest(incoming: string): Promise<string | undefined> {
  const found: CopyState[] = [];
  for (const directory of await pathsIn(incoming)) {
    const copy = isCopyId(basename(directory)) ? await usable(directory) : undefined;
    if (copy !== undefined && copy.receivedBytes > 0) found.push(copy);
  }
  return found.sort((one, other) => other.receivedBytes - one.receivedBytes)[0]?.directory;
}

/** A copy that an attempt may resume. */
interface Usable extends CopyState {
  /** The process that may be writing it; absent once that has released it. */
  readonly writer: ProcessMark | undefined;
}

/**
 * @returns `undefined` if the copy has no note, lacks bytes that its note states, has a file with a second hard link, or a file
 * that cannot be examined because it is damaged
 */
async function usable(directory: string): Promise<Usable | undefined> {
  const note = await readNote(directory);
  if (note === undefined) return undefined;
  const { validator, totalBytes, durableBytes, writer } = note;
  // After a reboot, or on another machine, only the bytes that were synced are certain to be there.
  const isSameBoot = note.boot === (await thisBoot()) && note.boot !== '';
  const receivedBytes = isSameBoot ? note.receivedBytes : durableBytes;
  const file = await unlessUnreadable(ifThere(lstat(join(directory, BAG_FILES.payload))));
  const isOwn = file?.isFile() === true && file.nlink === 1 && file.size >= receivedBytes;
  if (!isOwn) return undefined;
  const source = { validator, totalBytes };
  return { directory, source, receivedBytes, durableBytes: Math.min(durableBytes, receivedBytes), writer };
}

/**
 * Copies the bytes into a file that no other process knows.
 * @returns `undefined` if there is no room for both, or if the bytes cannot be read
 */
async function copied(layout: Layout, key: ArchiveKey, from: CopyState): Promise<CopyState | undefined> {
  try {
    await requireRoom(layout, key, from.receivedBytes);
  } catch (error) {
    if (!(error instanceof ArchivistError)) throw error;
    // Without room for both copies, the download begins again.
    await removeWhole(from.directory);
    return undefined;
  }
  const directory = await makeCopy(layout, key);
  const payloadIn = (copy: string) => join(copy, BAG_FILES.payload);
  const copying = copyFile(payloadIn(from.directory), payloadIn(directory), constants.COPYFILE_FICLONE)
    .then(() => true as const)
    .catch(async (error: unknown) => {
      // Otherwise every attempt would leave another directory.
      await removeWhole(directory).catch(() => undefined);
      throw error;
    });
  if (!(await orRemoved(from.directory, copying))) return undefined;
  await removeWhole(from.directory);
  return { ...from, directory, durableBytes: 0 };
}

/**
 * Returns the result of `work` on a copy. Removes a copy that cannot be read: every later attempt would meet the same damage.
 * @returns `undefined` if the copy cannot be read: the download begins again
 */
async function orRemoved<T extends object | true>(
  directory: string,
  work: Promise<T>,
): Promise<T | undefined> {
  const result = await unlessUnreadable(work);
  if (result === undefined) await removeWhole(directory).catch(() => undefined);
  return result;
}

/** Does not sync: what a power failure destroys of an unsealed copy is downloaded again. */
async function makeCopy(layout: Layout, key: ArchiveKey): Promise<string> {
  const directory = layout.newCopy(key);
  await mkdir(dirname(join(directory, BAG_FILES.payload)), { recursive: true, mode: 0o700 });
  return directory;
}

/** @throws `StoreFull` if the filesystem has no room for `bytes` more */
async function requireRoom({ root }: Layout, { archiveId }: ArchiveKey, bytes: number): Promise<void> {
  if (bytes <= 0) return;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize > bytes) return;
  throw new ArchivistError(
    'StoreFull',
    `Archive ${archiveId} needs ${bytes} bytes; the store has room for ${bavail * bsize}.`,
  );
}
