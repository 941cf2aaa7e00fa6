import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isArchiveId, type ArchiveId } from '../../domain/ids';
import { BAG_FILES } from '../bag';
import { ifThere, unlessUnreadable } from './failures';
import { newId } from './layout';

/** An attempt that is alive writes more often than this, even to a slow store with a clock of its own. */
const DEAD_AFTER_MS = 60 * 60 * 1000;
/** How the name of a directory begins that is being deleted: whoever finds one goes on with that. */
const DOOMED = 'gone-';

/**
 * Deletes a directory that might be moved into its place meanwhile. It is renamed first, so that whoever moves it gets
 * it whole or not at all. Does nothing if it is gone.
 */
export async function removeWhole(directory: string): Promise<void> {
  const doomed = join(dirname(directory), `${DOOMED}${newId()}`);
  await ifThere(rename(directory, doomed));
  await rm(doomed, { recursive: true, force: true });
}

/** The archives that have a folder in a tenant's folder of incoming copies. */
export async function archivesIn(incoming: string): Promise<ArchiveId[]> {
  return (await pathsIn(incoming)).map((path) => basename(path)).filter(isArchiveId);
}

/** Deletes every incoming copy of an archive: once it is sealed, or nobody wants it, none is needed. */
export async function removeAll(incoming: string): Promise<void> {
  for (const copy of await pathsIn(incoming)) await removeWhole(copy);
  await rmdir(incoming).catch(() => undefined);
}

/** Deletes the copies of attempts that died, so that an archive that is tried for days does not fill the store. */
export async function removeDead(incoming: string): Promise<void> {
  // A damaged copy that cannot be removed does not keep the archive from being received.
  for (const copy of await pathsIn(incoming)) await unlessUnreadable(removeIfDead(copy));
}

async function removeIfDead(copy: string): Promise<void> {
  if (await isDead(copy)) await removeWhole(copy);
}

/**
 * Deletes what an archive that is sealed already has no use for: the copy `own`, other names of the sealed file, and the copies of
 * attempts that died. A copy that another attempt may be writing stays.
 */
export async function removeSealed(
  incoming: string,
  sealedFile: string,
  own: string | undefined,
): Promise<void> {
  const sealed = await inodeOf(sealedFile);
  for (const copy of await pathsIn(incoming)) {
    const file = await inodeOf(join(copy, BAG_FILES.payload));
    if (copy === own || (file !== undefined && file === sealed) || (await isDead(copy)))
      await removeWhole(copy);
  }
  await rmdir(incoming).catch(() => undefined);
}

/** Names a file or directory, whatever its path is; `undefined` if there is none. */
export async function inodeOf(path: string): Promise<string | undefined> {
  const found = await ifThere(stat(path, { bigint: true }));
  return found && `${found.dev}:${found.ino}`;
}

/** The paths of what is in a folder of incoming copies, if it is there. */
export async function pathsIn(folder: string): Promise<readonly string[]> {
  const names = (await ifThere(readdir(folder))) ?? [];
  return names.map((name) => join(folder, name));
}

async function isDead(copy: string): Promise<boolean> {
  if (basename(copy).startsWith(DOOMED)) return true;
  const paths = [copy, join(copy, BAG_FILES.payload)];
  const times = await Promise.all(paths.map(async (path) => (await ifThere(stat(path)))?.mtimeMs ?? 0));
  return Date.now() - Math.max(...times) > DEAD_AFTER_MS;
}
