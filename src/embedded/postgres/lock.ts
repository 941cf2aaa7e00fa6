import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { unavailable } from '../../ledger/refusal';
import { isAlive, ProcessMark, SIGN_OF_LIFE_MS, thisProcess, type Holder } from '../../processes/holder';

/** The content of a generation's file: the process that took the lock. */
const Written = z.object({ ...ProcessMark.shape, host: z.string() });

/** Milliseconds between two checks of a holder that this process cannot see. */
const LOOK_MS = 500;

/**
 * Takes the lock of a ledger's directory: the folder `lock` in it. Whoever holds it may make, start and stop the server there.
 *
 * Node has no file locks, and a lock file that is deleted and created again can be taken twice at once. So every acquisition is
 * a new generation, a file named by the next number, that only one process can create, and only while the holder of the one
 * before is dead or has released it. The newest file is never deleted; a release marks it.
 *
 * A holder that this process cannot see, for example one in another container, counts as dead after 20 seconds without a sign
 * of life. This function waits for that, so that a container that was killed can be replaced at once.
 *
 * @param lose called when another process has taken it, because this one was paused for so long that it counted as dead
 * @returns a function that releases it
 * @throws ArchivistError `LedgerUnavailable` if a living process holds it
 */
export async function lockDirectory(
  directory: string,
  lose: () => void = () => undefined,
): Promise<() => Promise<void>> {
  const place = path.join(directory, 'lock');
  await mkdir(place, { recursive: true, mode: 0o700 });
  let seen: Holder | undefined;
  for (;;) {
    const newest = await newestGeneration(place);
    const holder = await readHolder(place, newest);
    if (holder !== undefined && (await isAlive(holder))) {
      // The kernel shows whether a process of this machine and pid namespace lives; other processes give signs of life.
      const isSeen = holder.space === (await thisProcess()).space;
      if (isSeen || (seen !== undefined && holder.lastSignMs > seen.lastSignMs))
        throw unavailable(
          `The ledger in ${directory} is in use by process ${holder.pid} on ${holder.host}, which runs its PostgreSQL. Other ` +
            'commands connect to it by themselves; stop that process before you start another one here.',
        );
      seen = holder;
      await sleep(LOOK_MS);
      continue;
    }
    const generation = newest + 1;
    if (await take(place, generation)) return hold(place, generation, lose);
  }
}

/** @returns a function that releases the lock */
function hold(place: string, generation: number, lose: () => void): () => Promise<void> {
  const file = fileOf(place, generation);
  // For a process that cannot see this one, for example in another container on the same volume.
  const sign = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
      clearInterval(sign);
      lose();
    });
  }, SIGN_OF_LIFE_MS).unref();
  return async () => {
    clearInterval(sign);
    const mark = path.join(place, randomUUID());
    await writeFile(mark, '{"released":true}\n');
    await rename(mark, file);
  };
}

async function newestGeneration(place: string): Promise<number> {
  const names = await readdir(place);
  return Math.max(0, ...names.filter((name) => /^\d+$/.test(name)).map(Number));
}

/** Undefined if there is none, or it is released, was removed for a newer one, or was torn by a power failure. */
async function readHolder(place: string, generation: number): Promise<Holder | undefined> {
  const file = fileOf(place, generation);
  try {
    const { mtimeMs } = await stat(file);
    return { ...Written.parse(JSON.parse(await readFile(file, 'utf8'))), lastSignMs: mtimeMs };
  } catch {
    return undefined;
  }
}

/**
 * A hard link appears whole or not at all, and fails if the name is taken. A slow process may get a name that others took,
 * released and removed meanwhile: then there is a newer generation, and that one counts.
 */
async function take(place: string, generation: number): Promise<boolean> {
  const draft = path.join(place, randomUUID());
  await writeFile(draft, `${JSON.stringify(await thisProcess())}\n`);
  try {
    await link(draft, fileOf(place, generation));
    const isNewest = (await newestGeneration(place)) === generation;
    const others = (await readdir(place)).filter((name) => name !== String(generation));
    for (const name of isNewest ? others : [String(generation)])
      await rm(path.join(place, name), { force: true });
    return isNewest;
  } catch (error) {
    // ENOENT: the winner has cleaned up meanwhile.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function fileOf(place: string, generation: number): string {
  return path.join(place, String(generation));
}
