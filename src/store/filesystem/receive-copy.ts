import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArchiveKey } from '../../domain/ids';
import { thisBoot, thisProcess } from '../../processes/holder';
import type { IncomingCopy, Source } from '../archive-store';
import { BAG_FILES } from '../bag/bag-files';
import { FileCopy } from './file-copy';
import { newId, type Layout } from './layout';
import { removeDead } from './leftovers';
import { requireRoom } from './room';

/** Begins an incoming copy in a directory of its own, so that no other attempt can write into it. */
export async function receiveCopy(layout: Layout, key: ArchiveKey, source: Source): Promise<IncomingCopy> {
  await removeDead(layout.incoming(key));
  await requireRoom(layout, key, source.totalBytes ?? 0);
  const copyId = newId();
  const directory = layout.copy(key, copyId);
  // Not made durable: what a power failure takes of a copy that is not sealed is downloaded again.
  await mkdir(dirname(join(directory, BAG_FILES.payload)), { recursive: true, mode: 0o700 });
  const [boot, writer] = await Promise.all([thisBoot(), thisProcess()]);
  const state = { directory, source, receivedBytes: 0, durableBytes: 0, boot, writer };
  return await FileCopy.open(key, copyId, state, 'wx');
}
