import { mkdir, open, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { IncomingCopy } from '../archive-store';
import { BAG_FILES } from '../bag/bag-files';
import { FileCopy } from './file-copy';
import { newId, type Layout } from './layout';
import { removeDead } from './leftovers';

/** Begins an incoming copy in a directory of its own, so that no other attempt can write into it. */
export async function receiveCopy(layout: Layout, key: ArchiveKey, expectedBytes = 0): Promise<IncomingCopy> {
  await removeDead(layout.incoming(key));
  await requireRoom(layout, key, expectedBytes);
  const copyId = newId();
  const directory = layout.copy(key, copyId);
  const file = join(directory, BAG_FILES.payload);
  // Not made durable: what a power failure takes of a copy that is not sealed is downloaded again.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return new FileCopy(key, copyId, directory, await open(file, 'wx', 0o600));
}

async function requireRoom({ root }: Layout, { archiveId }: ArchiveKey, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize > bytes) return;
  throw new ArchivistError(
    'StoreFull',
    `Archive ${archiveId} has ${bytes} bytes; the store has room for ${bavail * bsize}.`,
  );
}
