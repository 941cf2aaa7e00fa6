import fs, { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SEALED } from '../../src/store/archive-store';
import { checkBag } from '../support/check-bag';
import { asideIn, damagedStore, flipBit } from './damaged-store';
import { archiveOf, clear, contentsOf, failure, KEY, keyOf, newStore, received, sealed } from './fixture';

afterEach(clear);

afterEach(() => jest.restoreAllMocks());

test('a bag that is known to be bad is set aside when a verified copy takes its place', async () => {
  const { root, store, bag, bytes, mark, copyId } = await damagedStore();
  expect(await checkBag(bag)).not.toEqual([]);
  expect(await store.seal(KEY, copyId, contentsOf(bytes), mark)).toMatchObject({
    sha256: contentsOf(bytes).sha256,
  });
  expect(await checkBag(bag)).toEqual([]);
  const [aside = '', ...others] = await asideIn(root);
  expect(aside).toMatch(/^archive-1\.\d{8}T\d{9}Z-[0-9a-f]{16}$/);
  expect(others).toEqual([]);
  expect(await readFile(join(root, '.damaged/mycompany', aside, 'data/archive.zip'))).toHaveLength(
    bytes.length,
  );
  expect(await readdir(join(root, '.incoming/mycompany'))).toEqual([]);
});

test('a bag that is not known to be bad stays, and the new copy is dropped', async () => {
  const { root, store, bagOf } = await newStore();
  const bytes = archiveOf();
  await sealed(store, bytes);
  const before = await store.markOf(KEY);
  await store.seal(KEY, await received(store, bytes), contentsOf(bytes));
  expect(await store.markOf(KEY)).toBe(before);
  expect(await checkBag(bagOf(KEY))).toEqual([]);
  expect(await asideIn(root)).toEqual([]);
});

test('a stalled attempt does not move the bag that has since taken the place', async () => {
  const { root, store, bag, bytes, mark, copyId } = await damagedStore();
  const late = await received(store, bytes);
  await store.seal(KEY, copyId, contentsOf(bytes), mark);
  const good = await store.markOf(KEY);
  await store.seal(KEY, late, contentsOf(bytes), mark).catch(() => undefined);
  expect(await store.markOf(KEY)).toBe(good);
  expect(await checkBag(bag)).toEqual([]);
  expect(await asideIn(root)).toHaveLength(1);
});

test('a stalled attempt that moves a good bag instead of the bad one puts it back, if there is room', async () => {
  for (const isTaken of [false, true]) {
    const { root, store, bag, bytes, mark, copyId } = await damagedStore();
    const late = await received(store, bytes);
    let inPlace: string | undefined;
    onFirstMove(async (move) => {
      await store.seal(KEY, copyId, contentsOf(bytes), mark);
      inPlace = await store.markOf(KEY);
      await move();
      if (!isTaken) return;
      await sealed(store, bytes);
      inPlace = await store.markOf(KEY);
    });
    await store.seal(KEY, late, contentsOf(bytes), mark);
    expect(await store.markOf(KEY)).toBe(inPlace);
    expect(await checkBag(bag)).toEqual([]);
    expect(await asideIn(root)).toHaveLength(isTaken ? 2 : 1);
  }
});

/** Has something happen at the moment of the next rename, which is `move`. */
function onFirstMove(happen: (move: () => Promise<void>) => Promise<void>): void {
  const { rename: real } = fs;
  jest.spyOn(fs, 'rename').mockImplementationOnce((from, to) => happen(() => real(from, to)));
}

test('a store with path-based inode numbers does not replace a bad bag, and keeps the verified copy', async () => {
  const { store, bag, bytes, mark, copyId } = await damagedStore();
  const { stat: real } = fs;
  jest.spyOn(fs, 'stat').mockImplementation(async (path, options) => {
    const found = await real(path, options);
    return String(path).includes('.damaged') ? Object.assign(found, { ino: 1n }) : found;
  });
  await expect(store.seal(KEY, copyId, contentsOf(bytes), mark)).rejects.toEqual(failure('StoreConflict'));
  expect(await checkBag(bag)).not.toEqual([]);
  const reader = await store.open(KEY, copyId);
  expect(await reader.readAt(0, bytes.length)).toEqual(bytes);
  await reader.close();
});

test('concurrent attempts that replace a bad bag leave one good bag', async () => {
  const { store, bag, bytes, mark, copyId } = await damagedStore();
  const copies = [copyId, await received(store, bytes), await received(store, bytes)];
  const seals = copies.map((each) => store.seal(KEY, each, contentsOf(bytes), mark));
  const outcomes = await Promise.allSettled(seals);
  expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
  expect(await checkBag(bag)).toEqual([]);
});

test.each([
  ['a file', (bag: string) => rm(bag, { recursive: true }).then(() => writeFile(bag, 'x'))],
  ['an empty directory', (bag: string) => rm(bag, { recursive: true }).then(() => mkdir(bag))],
  ['a bag without its archive', (bag: string) => rm(join(bag, 'data/archive.zip'))],
  ['a bag without its manifest', (bag: string) => rm(join(bag, 'manifest-sha256.txt'))],
  ['a bag that was cut short', (bag: string) => truncate(join(bag, 'data/archive.zip'), 100)],
  ['a bag that names another checksum', (bag: string) => flipBit(join(bag, 'manifest-sha256.txt'))],
])('%s in the place of a bag can be replaced', async (_, harm) => {
  const { root, store, bagOf } = await newStore();
  const bytes = archiveOf();
  await sealed(store, bytes);
  await harm(bagOf(KEY));
  const mark = await store.markOf(KEY);
  await store.seal(KEY, await received(store, bytes), contentsOf(bytes), mark);
  expect(await checkBag(bagOf(KEY))).toEqual([]);
  expect(await asideIn(root)).toHaveLength(1);
});

test("another archive's bag is never replaced", async () => {
  const { store, bagOf } = await newStore();
  const bytes = archiveOf();
  const other = keyOf('archive-2');
  await sealed(store, bytes, other);
  await rename(bagOf(other), bagOf(KEY));
  await expect(store.markOf(KEY)).rejects.toEqual(failure('StoreConflict'));
  const copyId = await received(store, bytes);
  await expect(store.seal(KEY, copyId, contentsOf(bytes), 'any mark')).rejects.toEqual(
    failure('StoreConflict'),
  );
});

/** A crash: from the call with this number on, the operating system does nothing any more. */
function crashAt(call: number): { calls: number } {
  const seen = { calls: 0 };
  for (const name of ['rename', 'link', 'mkdir', 'rm', 'rmdir', 'open'] as const) {
    const real = fs[name] as (...args: unknown[]) => Promise<unknown>;
    jest.spyOn(fs, name).mockImplementation((async (...args: unknown[]) => {
      seen.calls += 1;
      if (seen.calls >= call) throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: name });
      return await real(...args);
    }) as never);
  }
  return seen;
}

test('a process that dies at any call of a replacement leaves everything that the next one needs', async () => {
  const whole = await damagedStore();
  const { calls } = await (async () => {
    const seen = crashAt(Infinity);
    await whole.store.seal(KEY, whole.copyId, contentsOf(whole.bytes), whole.mark);
    jest.restoreAllMocks();
    return seen;
  })();
  expect(calls).toBeGreaterThan(10);

  for (let call = 1; call <= calls; call += 1) {
    const { root, store, bag, bytes, mark, copyId } = await damagedStore();
    crashAt(call);
    await store.seal(KEY, copyId, contentsOf(bytes), mark).catch(() => undefined);
    jest.restoreAllMocks();

    // Nothing is destroyed: the bad bag is in its place, or aside.
    const inPlace = await store.markOf(KEY);
    if (inPlace !== mark) expect(await asideIn(root)).toHaveLength(1);
    // The next attempt goes on with the same copy, or finds it sealed.
    const again = (await store.open(KEY, copyId).catch(() => undefined)) ?? (await store.open(KEY, SEALED));
    await again.close();
    const sealedAlready = inPlace !== undefined && inPlace !== mark;
    await store.seal(KEY, sealedAlready ? SEALED : copyId, contentsOf(bytes), mark);
    expect(await checkBag(bag)).toEqual([]);
  }
});

test('a bag that is set aside while it is read can be read to its end', async () => {
  const { store, bytes, mark, copyId } = await damagedStore();
  const reader = await store.open(KEY, SEALED);
  await store.seal(KEY, copyId, contentsOf(bytes), mark);
  expect(await reader.readAt(200, bytes.length)).toEqual(bytes.subarray(200));
  await reader.close();
});
