import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SEALED, type ArchiveStore } from '../../src/store/archive-store';
import { checkBag } from '../support/check-bag';
import { archiveOf, clear, contentsOf, failure, KEY, keyOf, newStore, received, sealed } from './fixture';

afterEach(clear);

describe('sealing', () => {
  test('moves the copy into its place and leaves nothing else of the archive', async () => {
    const { root, store, bagOf } = await newStore();
    const bytes = archiveOf();
    const brokenOff = await store.receive(KEY);
    const copy = await sealed(store, bytes);
    await brokenOff.discard();
    expect(copy).toEqual({
      location: store.locationOf(KEY),
      sha256: contentsOf(bytes).sha256,
      sizeBytes: bytes.length,
    });
    expect(copy.location).toBe(`file://${bagOf(KEY)}`);
    expect(await store.findSealed(KEY)).toEqual(copy);
    expect(await readdir(join(root, '.incoming/mycompany'))).toEqual([]);
  });

  test('is required: a received copy alone is not a bag', async () => {
    const { store } = await newStore();
    await received(store, archiveOf());
    expect(await store.findSealed(KEY)).toBeUndefined();
  });

  test('returns the same bag if it is repeated after a crash', async () => {
    const { store, bagOf } = await newStore();
    const bytes = archiveOf();
    const copyId = await received(store, bytes);
    const first = await store.seal(KEY, copyId, contentsOf(bytes));
    expect(await store.seal(KEY, copyId, contentsOf(bytes))).toEqual(first);
    expect(await store.seal(KEY, SEALED, contentsOf(bytes))).toEqual(first);
    expect(await checkBag(bagOf(KEY))).toEqual([]);
  });

  test('keeps the existing bag and drops another copy of the same bytes', async () => {
    const { root, store } = await newStore();
    const bytes = archiveOf();
    expect(await sealed(store, bytes)).toEqual(await sealed(store, bytes));
    expect(await readdir(join(root, '.incoming/mycompany'))).toEqual([]);
  });

  test('reports a conflict if the bag has other bytes, and keeps both copies', async () => {
    const { store, bagOf } = await newStore();
    await sealed(store, archiveOf());
    const other = archiveOf();
    const copyId = await received(store, other);
    await expect(store.seal(KEY, copyId, contentsOf(other))).rejects.toEqual(failure('StoreConflict'));
    await expect(store.seal(KEY, SEALED, contentsOf(other))).rejects.toEqual(failure('StoreConflict'));
    await (await store.open(KEY, copyId)).close();
    expect(await checkBag(bagOf(KEY))).toEqual([]);
  });

  test('succeeds for two concurrent attempts with the same bytes, and leaves one bag', async () => {
    const { store, bagOf } = await newStore();
    const bytes = archiveOf();
    const copies = await Promise.all([1, 2, 3, 4].map(() => received(store, bytes)));
    // Each of the copies is sealed twice, as by an attempt that was taken for dead and its successor.
    const seals = [...copies, ...copies].map((copyId) => store.seal(KEY, copyId, contentsOf(bytes)));
    expect(new Set((await Promise.all(seals)).map(({ sha256 }) => sha256))).toEqual(
      new Set([contentsOf(bytes).sha256]),
    );
    expect(await checkBag(bagOf(KEY))).toEqual([]);
  });

  test('succeeds for one of two concurrent attempts with different bytes, and the other is a conflict', async () => {
    const { store, bagOf } = await newStore();
    const archives = [archiveOf(), archiveOf()];
    const copies = await Promise.all(archives.map((bytes) => received(store, bytes)));
    const seals = archives.map((bytes, index) => store.seal(KEY, copies[index]!, contentsOf(bytes)));
    const outcomes = await Promise.allSettled(seals);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes).toContainEqual({ status: 'rejected', reason: failure('StoreConflict') });
    expect(await checkBag(bagOf(KEY))).toEqual([]);
  });

  test('refuses a copy that is gone, or whose size differs from the verified one', async () => {
    const { store } = await newStore();
    const bytes = archiveOf();
    const copyId = await received(store, bytes.subarray(1));
    const contents = contentsOf(bytes);
    await expect(store.seal(KEY, copyId, contents)).rejects.toEqual(failure('ChecksumMismatch'));
    await expect(store.seal(KEY, '0123456789abcdef', contents)).rejects.toEqual(failure('CopyMissing'));
    await expect(store.seal(KEY, SEALED, contents)).rejects.toEqual(failure('CopyMissing'));
    expect(await store.findSealed(KEY)).toBeUndefined();
  });

  test("reports a conflict if another archive's bag is in the place, as when names differ only in case", async () => {
    const { store, bagOf } = await newStore();
    const bytes = archiveOf();
    await sealed(store, bytes);
    const twin = keyOf('ARCHIVE-1');
    await cp(bagOf(KEY), bagOf(twin), { recursive: true });
    await expect(store.findSealed(twin)).rejects.toEqual(failure('StoreConflict'));
    await expect(sealed(store, bytes, twin)).rejects.toEqual(failure('StoreConflict'));
    await expect(store.open(twin, SEALED)).rejects.toEqual(failure('StoreConflict'));
    await expect(store.markOf(twin)).rejects.toEqual(failure('StoreConflict'));
  });

  test.each([
    ['a file', (bag: string) => rm(bag, { recursive: true }).then(() => writeFile(bag, 'x'))],
    ['an empty directory', (bag: string) => rm(bag, { recursive: true }).then(() => mkdir(bag))],
    ['a bag without its archive', (bag: string) => rm(join(bag, 'data/archive.zip'))],
    ['a bag without its manifest', (bag: string) => rm(join(bag, 'manifest-sha256.txt'))],
    ['a bag with an empty manifest', (bag: string) => truncate(join(bag, 'manifest-sha256.txt'))],
    ['a bag that was cut short', (bag: string) => truncate(join(bag, 'data/archive.zip'), 100)],
  ])('reports a conflict if the place contains %s, and keeps the copy', async (_, harm) => {
    const { store, bagOf } = await newStore();
    const bytes = archiveOf();
    await sealed(store, bytes);
    await harm(bagOf(KEY));
    const copyId = await received(store, bytes);
    await expect(store.seal(KEY, copyId, contentsOf(bytes))).rejects.toEqual(failure('StoreConflict'));
    await (await store.open(KEY, copyId)).close();
  });
});

describe('a killed process that was sealing', () => {
  const KILLS = 8;
  /** So many archives are sealed before each of them, however slow the machine is. */
  const SEALED_BEFORE = 2;

  test('leaves no bag or a whole one at any moment, and the next process continues', async () => {
    const { root, store } = await newStore();
    let output = '';
    for (let run = 0; run < KILLS; run += 1) output += await killedAtRandom(root, `run${run}`);

    const bags = await readdir(join(root, 'mycompany'));
    for (const bag of bags) expect(await checkBag(join(root, 'mycompany', bag))).toEqual([]);

    const acknowledged = [...output.matchAll(/^sealed (\S+) ([0-9a-f]{64})$/gm)];
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    for (const [, archiveId = '', sha256] of acknowledged)
      expect(await store.findSealed(keyOf(archiveId))).toMatchObject({ sha256 });

    for (const archiveId of begunOnly(output)) await goOn(store, archiveId);
    expect(await readdir(join(root, '.incoming/mycompany'))).toEqual([]);
  });

  async function killedAtRandom(root: string, prefix: string): Promise<string> {
    const child = spawn(process.execPath, [
      '-r',
      'tsx/cjs',
      join(__dirname, 'seal-forever.ts'),
      root,
      prefix,
    ]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    while (output.split('\nsealed ').length <= SEALED_BEFORE) await once(child.stdout, 'data');
    await pause(Math.random() * 200);
    child.kill('SIGKILL');
    await once(child, 'close');
    return output;
  }

  function begunOnly(output: string): readonly string[] {
    const begun = [...output.matchAll(/^begun (\S+)$/gm)].map(([, archiveId = '']) => archiveId);
    return begun.filter((archiveId) => !output.includes(`sealed ${archiveId} `));
  }

  /** What the next attempt does: look for a bag, and download again where there is none. */
  async function goOn(store: ArchiveStore, archiveId: string): Promise<void> {
    const key = keyOf(archiveId);
    const found = await store.findSealed(key);
    if (found === undefined) await sealed(store, archiveOf(), key);
    else await store.seal(key, 'sealed', { ...contentsOf(archiveOf(1)), ...found });
  }
});
