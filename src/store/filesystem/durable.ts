import { link, mkdir, open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import { codeOf } from './failures';

/** The errors of filesystems without hard links, such as exFAT or a network share. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Makes the bytes of a file durable, or the names in a directory: fsync(2) of a file does not cover its directory entry. A
 * failure is final: the pages may be gone, and a second fsync may lie.
 */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a directory and its missing parents, durably and for the owner only: archives are personal data. */
export async function makeDirectory(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o700 });
  if (topmost === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await sync(dirname(made));
    if (made === topmost) return;
  }
}

/** Writes a new file with durable bytes; its name is durable once the directory is synced. */
export async function writeNewFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { flag: 'wx', mode: 0o600, flush: true });
}

/**
 * Gives a file a second name, or, if the filesystem has no hard links, renames it.
 * A second name fails with `EEXIST` if it is taken.
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
  await sync(dirname(to));
  await sync(dirname(from));
}

/**
 * Writes all chunks in order at `position`: one system call may write only a part of them.
 * @returns the position after the last byte
 */
export async function writeAll(
  file: FileHandle,
  position: number,
  chunks: readonly Uint8Array[],
): Promise<number> {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (bytes === 0) return position;
  const { bytesWritten } = await file.writev(chunks, position);
  if (bytesWritten === 0) throw new ArchivistError('StoreUnavailable', 'The store takes no more bytes.');
  const end = position + bytesWritten;
  if (bytesWritten === bytes) return end;
  // Rare enough to afford a copy of the chunks.
  return await writeAll(file, end, [Buffer.concat(chunks).subarray(bytesWritten)]);
}
