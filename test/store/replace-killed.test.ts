import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBag } from '../support/check-bag';
import { asideIn, damagedStore } from './damaged-store';
import { clear, contentsOf, KEY } from './fixture';
import { incomingIn } from './incoming';

afterEach(clear);

/** A store in which an attempt was killed after it had replaced the damaged bag, and before it removed the copy's other name. */
async function storeAfterKill() {
  const made = await damagedStore();
  const { root, store, bag, bytes, mark, copyId } = made;
  await store.seal(KEY, copyId, contentsOf(bytes), mark);
  const copy = join(incomingIn(root), copyId);
  await mkdir(join(copy, 'data'), { recursive: true });
  await link(join(bag, 'data/archive.zip'), join(copy, 'data/archive.zip'));
  return made;
}

test('a copy that a killed attempt has put in the place is not replaced by itself', async () => {
  const { root, store, bytes, copyId } = await storeAfterKill();
  const good = await store.markOf(KEY);
  // The ledger still has the failed check of the bag before it.
  await store.seal(KEY, copyId, contentsOf(bytes), good);
  expect(await store.markOf(KEY)).toBe(good);
  expect(await asideIn(root)).toHaveLength(1);
  expect(await readdir(join(root, '.incoming/mycompany'))).toEqual([]);
});

test('a bag around the right file that is not whole is replaced all the same', async () => {
  const { root, store, bag, bytes, copyId } = await storeAfterKill();
  await rm(join(bag, 'bag-info.txt'));
  await store.seal(KEY, copyId, contentsOf(bytes), await store.markOf(KEY));
  expect(await checkBag(bag)).toEqual([]);
  expect(await asideIn(root)).toHaveLength(2);
});
