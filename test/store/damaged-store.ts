import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveOf, KEY, newStore, received, sealed } from './fixture';

export async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[100]! ^= 1;
  await writeFile(file, bytes);
}

/** A store with a sealed bag whose archive is damaged, and a right copy of it that is not sealed. */
export async function damagedStore() {
  const { root, store, bagOf } = await newStore();
  const bytes = archiveOf();
  await sealed(store, bytes);
  await flipBit(join(bagOf(KEY), 'data/archive.zip'));
  const mark = await store.markOf(KEY);
  return { root, store, bag: bagOf(KEY), bytes, mark, copyId: await received(store, bytes) };
}

/** The bags that were moved aside. */
export const asideIn = (root: string) => readdir(join(root, '.damaged/mycompany')).catch(() => []);
