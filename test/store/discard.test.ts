import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SEALED } from '../../src/store/archive-store';
import { checkBag } from '../support/check-bag';
import { archiveOf, clear, failure, KEY, keyOf, newStore, received, sealed } from './fixture';

afterEach(clear);

describe('finding and discarding', () => {
  test('no bag is found if nothing was sealed', async () => {
    const { store } = await newStore();
    expect(await store.findSealed(KEY)).toBeUndefined();
    await expect(store.open(KEY, SEALED)).rejects.toEqual(failure('CopyMissing'));
    await sealed(store, archiveOf(), keyOf('archive-2'));
    expect(await store.findSealed(KEY)).toBeUndefined();
  });

  test('a discarded incoming copy is deleted, and no other copy', async () => {
    const { root, store } = await newStore();
    const [one, two] = [await received(store, archiveOf()), await received(store, archiveOf())];
    await store.discard(KEY, one);
    await store.discard(KEY, one);
    expect(await readdir(join(root, '.incoming/mycompany/archive-1'))).toEqual([two]);
  });

  test('a sealed bag cannot be discarded', async () => {
    const { store, bagOf } = await newStore();
    await sealed(store, archiveOf());
    await expect(store.discard(KEY, SEALED)).rejects.toEqual(failure('CopyMissing'));
    expect(await checkBag(bagOf(KEY))).toEqual([]);
  });
});
