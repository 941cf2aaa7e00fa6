import { statfs } from 'node:fs/promises';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { Layout } from './layout';

/** @throws `StoreFull` where the filesystem has no room for so many bytes more */
export async function requireRoom({ root }: Layout, { archiveId }: ArchiveKey, bytes: number): Promise<void> {
  if (bytes <= 0) return;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize > bytes) return;
  throw new ArchivistError(
    'StoreFull',
    `Archive ${archiveId} needs ${bytes} bytes; the store has room for ${bavail * bsize}.`,
  );
}
