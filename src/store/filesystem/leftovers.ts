import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isArchiveId, type ArchiveId } from '../../domain/ids';
import { BAG_FILES } from '../bag';
import { ifThere, unlessUnreadable } from './failures';
import { newId } from './layout';

/** A live attempt writes more often than this, even to a slow store with its own clock. */
const DEAD_AFTER_MS = 60 * 60 * 1000;
/** The prefix of a directory that is being deleted: whoever finds one continues the deletion. */
const DOOMED = 'gone-';

/**
 * Deletes a directory that another process may move into place meanwhile. It renames the directory first, so that the mover gets
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

/** Deletes every incoming copy of an archive: once it is sealed, or unwanted, none is needed. */
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
 * Deletes what a sealed archive no longer needs: the copy `own`, other names of the sealed file, and the copies of
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

/** Returns an id of a file or directory that does not depend on its path; `undefined` if there is none. */
export async function inodeOf(path: string): Promise<string | undefined> {
  const found = await ifThere(stat(path, { bigint: true }));
  return found && `${found.dev}:${found.ino}`;
}

/** The paths in a folder of incoming copies; none if it does not exist. */
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
