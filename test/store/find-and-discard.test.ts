import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SEALED } from '../../src/store/archive-store';
import { checkBag } from '../support/check-bag';
import { archiveOf, contentsOf, failure, KEY, keyOf, newStore, received, sealed } from './fixture';

test('there is no bag where nothing was sealed', async () => {
  const { store } = await newStore();
  expect(await store.findSealed(KEY)).toBeUndefined();
  await expect(store.open(KEY, SEALED)).rejects.toEqual(failure('CopyMissing'));
  await sealed(store, archiveOf(), keyOf('archive-2'));
  expect(await store.findSealed(KEY)).toBeUndefined();
});

test('a discarded incoming copy is deleted, and no other', async () => {
  const { root, store } = await newStore();
  const [one, two] = [await received(store, archiveOf()), await received(store, archiveOf())];
  await store.discard(KEY, one);
  await store.discard(KEY, one);
  expect(await readdir(join(root, '.incoming/mycompany/archive-1'))).toEqual([two]);
});

test('a discarded bag is moved aside, whole, and its place is free', async () => {
  const { root, store, bagOf } = await newStore();
  const [first, second] = [archiveOf(), archiveOf()];
  await sealed(store, first);
  await store.discard(KEY, SEALED);
  await store.discard(KEY, SEALED);
  expect(await store.findSealed(KEY)).toBeUndefined();

  await sealed(store, second);
  await store.discard(KEY, SEALED);
  const aside = await readdir(join(root, '.damaged/mycompany'));
  expect(aside).toHaveLength(2);
  for (const name of aside) {
    expect(name).toMatch(/^archive-1\.\d{8}T\d{9}Z-[0-9a-f]{16}$/);
    expect(await checkBag(join(root, '.damaged/mycompany', name))).toEqual([]);
  }

  expect(await sealed(store, second)).toMatchObject({ sha256: contentsOf(second).sha256 });
  expect(await checkBag(bagOf(KEY))).toEqual([]);
});

test('a bag that is being read when it is moved aside is read to its end', async () => {
  const { store } = await newStore();
  const bytes = archiveOf();
  await sealed(store, bytes);
  const reader = await store.open(KEY, SEALED);
  await store.discard(KEY, SEALED);
  expect(await reader.readAt(0, bytes.length)).toEqual(bytes);
  await reader.close();
});
