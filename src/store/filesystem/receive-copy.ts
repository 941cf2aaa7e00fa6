import { constants, copyFile, lstat, mkdir, rename, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { isSurelyDead, thisBoot, thisProcess } from '../../processes/holder';
import type { IncomingCopy, Source } from '../archive-store';
import { BAG_FILES } from '../bag';
import { ifThere } from './failures';
import { FileCopy } from './file-copy';
import { isCopyId, newId, type Layout } from './layout';
import { pathsIn, removeDead, removeWhole } from './leftovers';
import { readNote, type TransferNote } from './transfer-note';

/** Begins an incoming copy in a directory of its own, so that no other attempt can write into it. */
export async function receiveCopy(layout: Layout, key: ArchiveKey, source: Source): Promise<IncomingCopy> {
  await removeDead(layout.incoming(key));
  await requireRoom(layout, key, source.totalBytes ?? 0);
  const copyId = newId();
  const directory = layout.copy(key, copyId);
  // Not made durable: what a power failure takes of a copy that is not sealed is downloaded again.
  await mkdir(dirname(join(directory, BAG_FILES.payload)), { recursive: true, mode: 0o700 });
  const [boot, writer] = await Promise.all([thisBoot(), thisProcess()]);
  const state = { directory, source, receivedBytes: 0, durableBytes: 0, boot, writer };
  return await FileCopy.open(key, copyId, state, 'wx');
}

/**
 * Resumes the longest copy that earlier attempts left unfinished. `rename(2)` takes it over: only one attempt gets it, and an
 * attempt that still writes under the old name notices. This attempt appends to a file only if nobody else can write it: an
 * attempt that seems dead may only be stopped, and write again long after the copy was verified. Unless the last writer is
 * certainly dead, its bytes are therefore copied into a new file. A file that has a second hard link is never resumed, because
 * that link may be the payload of a bag.
 *
 * @returns `undefined` if there is nothing to resume
 */
export async function resumeCopy(layout: Layout, key: ArchiveKey): Promise<FileCopy | undefined> {
  const boot = await thisBoot();
  const left = await fullest(layout.incoming(key), boot);
  if (left === undefined) return undefined;
  const copyId = newId();
  const directory = layout.copy(key, copyId);
  if (!(await taken(left, directory))) return undefined;
  // Checked again under the new name, which no other attempt knows: until the rename, another could add bytes or a link.
  const found = await usable(directory, boot);
  if (found === undefined) return undefined;
  const { note, receivedBytes } = found;
  const { totalBytes } = note;
  if (totalBytes !== undefined) await requireRoom(layout, key, totalBytes - receivedBytes);
  const isFree = note.writer === undefined || (await isSurelyDead(note.writer));
  const own = isFree ? { copyId, directory } : await copied(layout, key, directory, receivedBytes);
  if (own === undefined) return undefined;
  const state = {
    directory: own.directory,
    source: { validator: note.validator, totalBytes },
    receivedBytes,
    durableBytes: isFree ? Math.min(note.durableBytes, receivedBytes) : 0,
    boot,
    writer: await thisProcess(),
  };
  return await FileCopy.open(key, own.copyId, state, 'r+');
}

async function fullest(incoming: string, boot: string): Promise<string | undefined> {
  const found: { directory: string; bytes: number }[] = [];
  for (const directory of await pathsIn(incoming)) {
    if (!isCopyId(basename(directory))) continue;
    found.push({ directory, bytes: (await usable(directory, boot))?.receivedBytes ?? 0 });
  }
  return found.sort((one, other) => other.bytes - one.bytes).find(({ bytes }) => bytes > 0)?.directory;
}

interface Usable {
  readonly note: TransferNote;
  readonly receivedBytes: number;
}

/** @returns `undefined` if the copy has no note, lacks bytes that its note promises, or shares its file with another name */
async function usable(directory: string, boot: string): Promise<Usable | undefined> {
  const note = await readNote(directory);
  if (note === undefined) return undefined;
  // After a reboot, or on another machine, only the bytes that were synced are certain to be there.
  const receivedBytes = note.boot === boot && boot !== '' ? note.receivedBytes : note.durableBytes;
  const file = await ifThere(lstat(join(directory, BAG_FILES.payload)));
  const isOwn = file?.isFile() === true && file.nlink === 1 && file.size >= receivedBytes;
  return isOwn ? { note, receivedBytes } : undefined;
}

async function taken(from: string, to: string): Promise<boolean> {
  return (await ifThere(rename(from, to).then(() => true))) ?? false;
}

async function copied(layout: Layout, key: ArchiveKey, from: string, bytes: number) {
  try {
    await requireRoom(layout, key, bytes);
  } catch (error) {
    if (!(error instanceof ArchivistError)) throw error;
    // Without room for both, the new one is begun anew.
    await removeWhole(from);
    return undefined;
  }
  const copyId = newId();
  const directory = layout.copy(key, copyId);
  const payload = join(directory, BAG_FILES.payload);
  await mkdir(dirname(payload), { recursive: true, mode: 0o700 });
  await copyFile(join(from, BAG_FILES.payload), payload, constants.COPYFILE_FICLONE);
  await removeWhole(from);
  return { copyId, directory };
}

/** @throws `StoreFull` where the filesystem has no room for so many bytes more */
async function requireRoom({ root }: Layout, { archiveId }: ArchiveKey, bytes: number): Promise<void> {
  if (bytes <= 0) return;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize > bytes) return;
  throw new ArchivistError(
    'StoreFull',
    `Archive ${archiveId} needs ${bytes} bytes; the store has room for ${bavail * bsize}.`,
  );
}
