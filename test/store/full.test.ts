import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBag } from '../support/check-bag';
import { archiveOf, clear, contentsOf, failure, KEY, keyOf, newStore, received, sealed } from './fixture';
import type { ArchiveStore } from '../../src/store/archive-store';
import { begun, bytesOf, changeNote, complete, goOn, resumed } from './incoming';

afterEach(clear);

const SIZE = 1024 * 1024;
const volume = mkdtempSync(join(tmpdir(), 'archivist-full-'));

/** Only root may mount; the tests of a full store are skipped for anybody else. */
const mounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'archivist-test', volume]).status === 0;
const withVolume = mounted ? test : test.skip;

afterEach(async () => {
  for (const name of await readdir(volume)) await rm(join(volume, name), { recursive: true });
});

afterAll(() => {
  if (mounted) spawnSync('umount', ['--lazy', volume]);
  rmdirSync(volume);
});

withVolume('a copy that does not fit is refused, cleared away, and harms nothing', async () => {
  const { root, store, bagOf } = await newStore(volume);
  await sealed(store, archiveOf(), keyOf('before'));

  const copy = await store.receive(KEY);
  const fill = async () => {
    for (let written = 0; written <= SIZE; written += 100_000) await copy.append(archiveOf(100_000));
  };
  await expect(fill()).rejects.toEqual(failure('StoreFull'));
  await expect(copy.finish()).rejects.toEqual(failure('StoreFull'));

  expect(await readdir(join(root, '.incoming/mycompany/archive-1'))).toEqual([]);
  await sealed(store, archiveOf(500_000));
  expect(await checkBag(bagOf(keyOf('before')))).toEqual([]);
  expect(await checkBag(bagOf(KEY))).toEqual([]);
});

withVolume('a bag that does not fit is not sealed until there is room', async () => {
  const { root, store, bagOf } = await newStore(volume);
  const key = keyOf('archive-2');
  const bytes = archiveOf();
  const copyId = await received(store, bytes, key);
  await writeFile(join(root, 'ballast'), Buffer.alloc(SIZE)).catch(() => undefined);

  const sealing = store.seal(key, copyId, contentsOf(bytes));
  await expect(sealing).rejects.toEqual(failure('StoreFull'));
  await expect(sealing).rejects.not.toThrow(volume);
  expect(await store.findSealed(key)).toBeUndefined();
  expect(await readdir(join(root, '.incoming/mycompany/archive-2'))).toEqual([copyId]);

  await rm(join(root, 'ballast'));
  await store.seal(key, copyId, contentsOf(bytes));
  expect(await checkBag(bagOf(key))).toEqual([]);
});

withVolume('a copy waits until there is room for its rest, and loses nothing', async () => {
  const { root, store } = await newStore(volume);
  const bytes = archiveOf(700_000);
  await begun(store, bytes.subarray(0, 200_000), bytes.length);
  await writeFile(join(root, 'ballast'), Buffer.alloc(SIZE)).catch(() => undefined);
  await expect(goOn(store)).rejects.toEqual(failure('StoreFull'));
  await expect(goOn(store)).rejects.toEqual(failure('StoreFull'));

  await rm(join(root, 'ballast'));
  const copy = await resumed(store);
  expect(copy.receivedBytes).toBe(200_000);
  await complete(copy, bytes);
  expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
  await store.discard(KEY, copy.copyId);
});

withVolume(
  'a copy in a store that becomes read-only loses nothing, and resumes when the store is writable again',
  async () => {
    const { store } = await newStore(volume);
    const bytes = archiveOf(300_000);
    await begun(store, bytes.subarray(0, 200_000), bytes.length);
    remount('ro');
    await expect(goOn(store)).rejects.toThrow('it can only be read (EROFS)');
    await expect(store.receive(KEY)).rejects.toEqual(failure('StoreUnavailable'));
    remount('rw');
    const copy = await resumed(store);
    expect(copy.receivedBytes).toBe(200_000);
    await complete(copy, bytes);
    expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
  },
);

withVolume(
  "a tenant's folder on another filesystem is refused before a copy has to be moved there",
  async () => {
    const { root, store } = await newStore();
    const bytes = archiveOf();
    const copyId = await received(store, bytes);
    await store.check([KEY.tenant]);
    await symlink(volume, join(root, KEY.tenant));

    await expect(store.check([KEY.tenant])).rejects.toThrow('a folder of mycompany is on another filesystem');
    await expect(store.seal(KEY, copyId, contentsOf(bytes))).rejects.toThrow('must be on one filesystem');
    await rm(join(root, KEY.tenant));
    await store.check([KEY.tenant]);
    await store.seal(KEY, copyId, contentsOf(bytes));
  },
);

withVolume('a copy needs its space only once after its possibly living writer has released it', async () => {
  const { store } = await newStore(volume);
  const bytes = archiveOf(700_000);
  await begun(store, bytes.subarray(0, 600_000), bytes.length);
  const writer = await resumed(store);
  await goOn(store).catch(() => undefined);
  await writer.release();
  await completeOrBeginAnew(store, bytes);
});

withVolume(
  'a copy of another machine, or of this one before its reboot, makes room for a new copy',
  async () => {
    const { root, store } = await newStore(volume);
    const bytes = archiveOf(700_000);
    const copyId = await begun(store, bytes.subarray(0, 600_000), bytes.length);
    const writer = { pid: 1, space: 'another' };
    await changeNote(root, copyId, { boot: 'another', writer, durableBytes: 600_000 });
    await completeOrBeginAnew(store, bytes);
  },
);

/** What a download does: go on, or begin anew where there is nothing to go on with. */
async function completeOrBeginAnew(store: ArchiveStore, bytes: Buffer): Promise<void> {
  const copy = (await goOn(store)) ?? (await store.receive(KEY, { totalBytes: bytes.length }));
  await complete(copy, bytes);
  expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
}

function remount(how: 'ro' | 'rw'): void {
  expect(spawnSync('mount', ['-o', `remount,${how}`, volume]).status).toBe(0);
}
