import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveStore } from '../../src/store/archive-store';
import { openStore } from '../../src/store/open-store';
import {
  archiveOf,
  clear,
  contentsOf,
  failure,
  KEY,
  newStore,
  received,
  temporaryDirectory,
} from './fixture';

afterEach(clear);

describe('a store address', () => {
  test('becomes a URL that any program understands', () => {
    const store = openStore('file:/srv/my archives 100%#1');
    expect(store.url).toBe('file:///srv/my%20archives%20100%25%231');
    expect(store.locationOf(KEY)).toBe(`${store.url}/mycompany/archive-1`);
  });

  test('opened with an identity requires that identity', async () => {
    const address = `file:${temporaryDirectory()}`;
    const identity = await openStore(address).initialise();
    await openStore(address, { expectedIdentity: identity }).check();
    const other = openStore(address, { expectedIdentity: 'another' });
    await expect(other.check()).rejects.toEqual(failure('StoreUnavailable'));
  });
});

describe('the identity of a store', () => {
  test('is created once and kept', async () => {
    const root = join(temporaryDirectory(), 'deep/down/archives');
    const store = openStore(`file:${root}`);
    await expect(store.check()).rejects.toEqual(failure('StoreUnavailable'));
    const identity = await store.initialise();
    expect(identity).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(await store.initialise()).toBe(identity);
    await store.check();
    expect(JSON.parse(await readFile(join(root, '.archivist-store'), 'utf8'))).toMatchObject({ identity });
    expect(await readdir(root)).toEqual(['.archivist-store']);
  });

  test('is the same for all processes that initialise the store concurrently', async () => {
    const root = join(temporaryDirectory(), 'archives');
    const identities = await Promise.all(
      Array.from({ length: 8 }, () => openStore(`file:${root}`).initialise()),
    );
    expect(new Set(identities).size).toBe(1);
  });

  test('protects an unmounted volume from being filled', async () => {
    const { root, store } = await newStore();
    const bytes = archiveOf();
    const copyId = await received(store, bytes);
    await rm(join(root, '.archivist-store'));
    const before = await readdir(root, { recursive: true });

    for (const use of usesOf(store, copyId, bytes)) {
      await expect(use()).rejects.toEqual(failure('StoreUnavailable'));
      await expect(use()).rejects.toThrow('its marker file is missing, as on an unmounted volume');
    }
    expect(await readdir(root, { recursive: true })).toEqual(before);
  });

  test('protects a vanished store from being created again', async () => {
    const { root, store } = await newStore();
    await rename(root, `${root}.away`);
    await expect(store.receive(KEY)).rejects.toEqual(failure('StoreUnavailable'));
    await expect(readdir(root)).rejects.toThrow('ENOENT');
  });

  test('protects against another store in the place of the expected one', async () => {
    const [one, other] = [await newStore(), await newStore()];
    const identity = await one.store.initialise();
    await openStore(`file:${one.root}`, { expectedIdentity: identity }).check();

    const wrong = openStore(`file:${other.root}`, { expectedIdentity: identity });
    await expect(wrong.check()).rejects.toThrow('it is another store than was expected');
    await expect(wrong.initialise()).rejects.toEqual(failure('StoreUnavailable'));
    await expect(wrong.receive(KEY)).rejects.toEqual(failure('StoreUnavailable'));
  });

  test('protects an empty directory from becoming the expected store', async () => {
    const root = temporaryDirectory();
    const store = openStore(`file:${root}`, { expectedIdentity: 'a-store-that-was-here-before' });
    await expect(store.initialise()).rejects.toEqual(failure('StoreUnavailable'));
    expect(await readdir(root)).toEqual([]);
  });

  test.each(['', '{', '[]', '{"identity":7}', 'null'])(
    'is refused and not replaced if the marker is %j',
    async (text) => {
      const { root, store } = await newStore();
      await writeFile(join(root, '.archivist-store'), text);
      await expect(store.check()).rejects.toThrow('its marker file cannot be understood');
      await expect(store.initialise()).rejects.toEqual(failure('StoreUnavailable'));
      expect(await readFile(join(root, '.archivist-store'), 'utf8')).toBe(text);
    },
  );

  function usesOf(store: ArchiveStore, copyId: string, bytes: Buffer): readonly (() => Promise<unknown>)[] {
    return [
      () => store.check(),
      () => store.receive(KEY),
      () => store.open(KEY, copyId),
      () => store.findSealed(KEY),
      () => store.discard(KEY, copyId),
      () => store.seal(KEY, copyId, contentsOf(bytes)),
    ];
  }
});
