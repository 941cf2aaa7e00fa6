import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { ArchiveStore, SealedCopy } from '../../store/archive-store';

/**
 * What the sealed bag says of its archive; `undefined` if there is none, or one that lacks a part.
 * @throws ArchivistError what the store throws if it cannot be used
 */
export async function findWholeBag(store: ArchiveStore, key: ArchiveKey): Promise<SealedCopy | undefined> {
  try {
    return await store.findSealed(key);
  } catch (error) {
    if (error instanceof ArchivistError && error.type === 'StoreConflict') return undefined;
    throw error;
  }
}
