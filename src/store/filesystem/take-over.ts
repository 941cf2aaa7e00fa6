import { constants, copyFile, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { isSurelyDead, thisBoot, thisProcess } from '../../processes/holder';
import { BAG_FILES } from '../bag/bag-files';
import { Extents } from './extents';
import { isMissing } from './failures';
import { FileCopy } from './file-copy';
import { isCopyId, newId, type Layout } from './layout';
import { removeWhole } from './leftovers';
import { requireRoom } from './room';
import { readNote, type TransferNote } from './transfer-note';

/**
 * Goes on with the copy of an attempt that ended before its time, the fullest one. Taking it is `rename(2)`: only one
 * attempt gets it, and whoever still writes under the old name notices. Bytes are only added to a file that nobody else can
 * write: an attempt that seems dead may stand still, and write again when the taken copy was long proven. Where the last
 * writer is not dead beyond doubt, what it brought is copied into a file of this attempt's own.
 *
 * @returns `undefined` where there is nothing to go on with
 */
export async function takeOver(layout: Layout, key: ArchiveKey): Promise<FileCopy | undefined> {
  const boot = await thisBoot();
  const found = await fullest(layout.incoming(key), boot);
  if (found === undefined) return undefined;
  const copyId = newId();
  const directory = layout.copy(key, copyId);
  if (!(await taken(found, directory))) return undefined;
  const note = await readNote(directory);
  if (note === undefined) return undefined;
  const received = bytesThere(note, boot);
  const { totalBytes } = note;
  if (totalBytes !== undefined) await requireRoom(layout, key, totalBytes - received.bytes);
  const isFree = note.writer === undefined || (await isSurelyDead(note.writer));
  const own = isFree ? { copyId, directory } : await copied(layout, key, directory, received.end);
  if (own === undefined) return undefined;
  const state = {
    directory: own.directory,
    source: { validator: note.validator, totalBytes },
    received,
    durable: isFree ? new Extents(note.durable) : new Extents(),
    boot,
    writer: await thisProcess(),
  };
  return await FileCopy.open(key, own.copyId, state, 'r+');
}

async function fullest(incoming: string, boot: string): Promise<string | undefined> {
  const found: { directory: string; bytes: number }[] = [];
  for (const name of (await namesIn(incoming)).filter(isCopyId)) {
    const directory = join(incoming, name);
    const note = await readNote(directory);
    if (note !== undefined && (await hasBytes(directory, bytesThere(note, boot).end)))
      found.push({ directory, bytes: bytesThere(note, boot).bytes });
  }
  return found.sort((one, other) => other.bytes - one.bytes).find(({ bytes }) => bytes > 0)?.directory;
}

/** After a start of the machine, or on another one, only what was on the disk is there for certain. */
function bytesThere(note: TransferNote, boot: string): Extents {
  return new Extents(note.boot === boot && boot !== '' ? note.received : note.durable);
}

async function hasBytes(directory: string, length: number): Promise<boolean> {
  try {
    return (await stat(join(directory, BAG_FILES.payload))).size >= length;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function taken(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
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

async function namesIn(incoming: string): Promise<readonly string[]> {
  try {
    return await readdir(incoming);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
