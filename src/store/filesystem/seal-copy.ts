import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArchiveKey } from '../../domain/ids';
import { SEALED, type BagContents, type SealedCopy } from '../archive-store';
import { buildBag } from './build-bag';
import { makeDirectory, syncDirectory } from './durable';
import { codeOf } from './failures';
import { copyMissing, newId, type Layout } from './layout';
import { removeAll, removeWhole } from './leftovers';
import { conflict, readSealedBag } from './sealed-bag';

/** What rename(2) says where another bag stands in the place, or this one was taken away before it got there. */
const LOST_THE_RACE: readonly (string | undefined)[] = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'ENOENT'];

/**
 * Puts the bag in its place unless one is there, and then looks at what is there. Whoever put it there, this attempt,
 * another one, or one that died before it could say so, it is this archive's bag or a conflict.
 */
export async function sealCopy(
  layout: Layout,
  key: ArchiveKey,
  copyId: string,
  contents: BagContents,
): Promise<SealedCopy> {
  if (copyId !== SEALED) {
    const copy = layout.copy(key, copyId);
    if ((await readSealedBag(layout, key)) === undefined) await putInPlace(layout, key, copy, contents);
  }
  const sealed = await confirm(layout, key, contents);
  // The bag is safe; what cannot be cleared away now will be another time.
  await removeAll(layout.incoming(key)).catch(() => undefined);
  return sealed;
}

/** The bag is built in a directory of this attempt alone, and renamed: it appears whole, and only the first one does. */
async function putInPlace(
  layout: Layout,
  key: ArchiveKey,
  copy: string,
  contents: BagContents,
): Promise<void> {
  const bag = layout.bag(key);
  const draft = `${copy}.${newId()}`;
  try {
    await buildBag(key, copy, draft, contents);
    await makeDirectory(dirname(bag));
    await rename(draft, bag);
  } catch (error) {
    await removeWhole(draft).catch(() => undefined);
    if (!LOST_THE_RACE.includes(codeOf(error))) throw error;
  }
}

async function confirm(layout: Layout, key: ArchiveKey, contents: BagContents): Promise<SealedCopy> {
  const bag = await readSealedBag(layout, key);
  if (bag === undefined) throw copyMissing(key);
  const { copy, payloadBytes } = bag;
  if (copy.sha256 !== contents.sha256 || copy.sizeBytes !== contents.sizeBytes)
    throw conflict(key, 'is a bag with another copy of it');
  if (payloadBytes !== copy.sizeBytes) throw conflict(key, 'is a damaged bag');
  await syncDirectory(dirname(layout.bag(key)));
  await syncDirectory(layout.root);
  return copy;
}
