import { statfs } from 'node:fs/promises';

/** The archive, a copy of it, and as much again for what was removed and is still being given back. */
const TIMES = 3;

/** @throws where the folder's filesystem has no room for archives of `sizeBytes` */
export async function requireRoom(folder: string, sizeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const [room, need] = [bavail * bsize, TIMES * sizeBytes];
  if (room >= need) return;
  throw new Error(
    `${folder} has room for ${inGiB(room)}, and this needs ${inGiB(need)}: name another folder with --folder.`,
  );
}

function inGiB(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
