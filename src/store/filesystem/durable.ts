import { link, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './failures';

/** What a filesystem without hard links answers, such as exFAT or a network share. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Makes the names in a directory durable: fsync(2) of a file does not cover the entry that leads to it. */
export async function syncDirectory(path: string): Promise<void> {
  await syncFile(path);
}

/** Makes the bytes of a file durable. A failure is final: the pages may be gone, and a second fsync may lie. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a directory and what is missing above it, all durable, and the owner's alone: archives are personal data. */
export async function makeDirectory(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o700 });
  if (topmost === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === topmost) return;
  }
}

/** Writes a new file whose bytes are durable; its name is when the directory is synced. */
export async function writeNewFile(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Gives a file a second name, or, where the filesystem knows no hard links, a new one.
 * A second name fails with `EEXIST` where it is taken.
 */
export async function linkOrMove(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error))) throw error;
    await rename(from, to);
  }
}

/** Moves a directory, durably. */
export async function moveDirectory(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
  await syncDirectory(dirname(from));
}
