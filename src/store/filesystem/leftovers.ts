import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BAG_FILES } from '../bag/bag-files';
import { isMissing } from './failures';
import { newId } from './layout';

/** An attempt that is alive writes more often than this, even to a slow store with a clock of its own. */
const DEAD_AFTER_MS = 60 * 60 * 1000;

/**
 * Deletes a directory that might be moved into its place meanwhile. It is renamed first, so that whoever moves it gets
 * it whole or not at all. Does nothing where it is gone.
 */
export async function removeWhole(directory: string): Promise<void> {
  const doomed = join(dirname(directory), `gone-${newId()}`);
  try {
    await rename(directory, doomed);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}

/** Deletes every incoming copy of an archive: once it is sealed, none is needed. */
export async function removeAll(incoming: string): Promise<void> {
  for (const copy of await copiesIn(incoming)) await removeWhole(copy);
  await rmdir(incoming).catch(() => undefined);
}

/**
 * Deletes the copies of attempts that died, so that an archive that is tried for days does not fill the store; and `own`, if it is
 * given.
 */
export async function removeDead(incoming: string, own?: string): Promise<void> {
  for (const copy of await copiesIn(incoming)) {
    if (copy === own || Date.now() - (await lastWritten(copy)) > DEAD_AFTER_MS) await removeWhole(copy);
  }
}

async function copiesIn(incoming: string): Promise<readonly string[]> {
  try {
    return (await readdir(incoming)).map((name) => join(incoming, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function lastWritten(copy: string): Promise<number> {
  const times = await Promise.all([copy, join(copy, BAG_FILES.payload)].map(modifiedAt));
  return Math.max(...times);
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
