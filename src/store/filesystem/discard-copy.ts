import { dirname } from 'node:path';
import type { ArchiveKey } from '../../domain/ids';
import { SEALED } from '../archive-store';
import { makeDirectory, moveDirectory } from './durable';
import { isMissing } from './failures';
import type { Layout } from './layout';
import { removeWhole } from './leftovers';
import { refuseForeignBag } from './sealed-bag';

/** Deletes an incoming copy; moves a sealed bag aside. */
export async function discardCopy(layout: Layout, key: ArchiveKey, copyId: string): Promise<void> {
  if (copyId === SEALED) await moveAside(layout, key);
  else await removeWhole(layout.copy(key, copyId));
}

async function moveAside(layout: Layout, key: ArchiveKey): Promise<void> {
  await refuseForeignBag(layout, key);
  const aside = layout.damaged(key, new Date());
  await makeDirectory(dirname(aside));
  try {
    await moveDirectory(layout.bag(key), aside);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
