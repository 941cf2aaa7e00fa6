import fs, { copyFile, open, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SEALED, type ArchiveStore } from '../../src/store/archive-store';
import { DAMAGE_CODES, failOn, spyOnFiles, systemError } from './failing-files';
import { archiveOf, clear, contentsOf, failure, KEY, newStore, received, sealed, sha256 } from './fixture';
import { begun, bytesOf, complete, notePathOf, payloadOf, resumed } from './incoming';

afterEach(clear);

const MIB = 1024 * 1024;
/** Long enough to be read back behind the writer's back. */
const BYTES = archiveOf(36 * MIB);
const SHA256 = sha256(BYTES);

afterEach(() => {
  jest.restoreAllMocks();
});

async function readBackOf(store: ArchiveStore, copyId: string): Promise<string | undefined> {
  const reader = await store.open(KEY, copyId);
  await reader.close();
  return reader.readBack;
}

/** A copy that arrives in chunks of 4 MiB. */
async function receivedInChunks(store: ArchiveStore): Promise<string> {
  const copy = await store.receive(KEY);
  for (let at = 0; at < BYTES.length; at += 4 * MIB) await copy.append(BYTES.subarray(at, at + 4 * MIB));
  await copy.finish();
  return copy.copyId;
}

async function overwrite(path: string, position: number, byte: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.of(byte), 0, 1, position);
  await file.close();
}

test('a long copy has been read back when it is finished', async () => {
  const { store } = await newStore();
  const copyId = await receivedInChunks(store);
  expect(await readBackOf(store, copyId)).toBe(SHA256);
  expect(await readBackOf(store, copyId)).toBe(SHA256);
});

test('the result of reading back is valid for an hour', async () => {
  const { store } = await newStore();
  const copyId = await receivedInChunks(store);
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 59 * 60_000);
  expect(await readBackOf(store, copyId)).toBe(SHA256);
  jest.spyOn(Date, 'now').mockImplementation(() => now + 61 * 60_000);
  expect(await readBackOf(store, copyId)).toBeUndefined();
});

test('short and unfinished copies have not been read back', async () => {
  const { store } = await newStore();
  expect(await readBackOf(store, await received(store, archiveOf()))).toBeUndefined();
  expect(await readBackOf(store, await begun(store, BYTES))).toBeUndefined();
});

test('the bytes of an earlier attempt are read back with the rest', async () => {
  const { store } = await newStore();
  const first = await store.receive(KEY);
  await first.append(BYTES.subarray(0, 34 * MIB));
  await first.release();
  const copy = await resumed(store);
  await complete(copy, BYTES);
  expect(await readBackOf(store, copy.copyId)).toBe(SHA256);
});

test('a finished copy that another attempt resumes is read back again', async () => {
  const { root, store } = await newStore();
  await overwrite(payloadOf(root, await receivedInChunks(store)), 5, BYTES[5]! ^ 1);
  const copy = await resumed(store);
  await complete(copy, BYTES);
  const readBack = await readBackOf(store, copy.copyId);
  expect(readBack).not.toBe(SHA256);
});

describe('the result of reading back is no longer valid', () => {
  const changes: readonly (readonly [string, (path: string, note: string) => Promise<unknown>])[] = [
    ['one byte of the file was changed', (path) => overwrite(path, 20 * MIB, BYTES[20 * MIB]! ^ 1)],
    ['a byte was written again as it was', (path) => overwrite(path, 7, BYTES[7]!)],
    [
      'one byte was changed, and the times were put back',
      async (path) => {
        const { atime, mtime } = await stat(path);
        await overwrite(path, 20 * MIB, BYTES[20 * MIB]! ^ 1);
        await utimes(path, atime, mtime);
      },
    ],
    [
      'another file of the same bytes is in the place',
      async (path) => {
        await copyFile(path, `${path}.other`);
        await rename(`${path}.other`, path);
      },
    ],
    ['the file was cut and filled up again', (path) => cutAndFill(path)],
    ['the note is gone', (_, note) => rm(note)],
  ];

  test.each(changes)('after %s', async (_, change) => {
    const { root, store } = await newStore();
    const copyId = await receivedInChunks(store);
    expect(await readBackOf(store, copyId)).toBe(SHA256);
    await change(payloadOf(root, copyId), notePathOf(root, copyId));
    expect(await readBackOf(store, copyId)).toBeUndefined();
  });

  test('if the note cannot be read although the copy can', async () => {
    const { store } = await newStore();
    const copyId = await receivedInChunks(store);
    failOn('readFile', 'transfer.json', 'EIO');
    expect(await readBackOf(store, copyId)).toBeUndefined();
    expect((await bytesOf(store, copyId)).equals(BYTES)).toBe(true);
  });

  test('once the copy is sealed', async () => {
    const { store } = await newStore();
    await store.seal(KEY, await receivedInChunks(store), contentsOf(BYTES));
    expect(await readBackOf(store, SEALED)).toBeUndefined();
  });
});

describe('a copy that cannot be opened', () => {
  /** Notes what is opened of archives from now on. */
  function openedArchives(): FileHandle[] {
    const files: FileHandle[] = [];
    const real = fs.open.bind(fs);
    jest.spyOn(fs, 'open').mockImplementation(async (...args) => {
      const file = await real(...args);
      if (String(args[0]).endsWith('archive.zip')) files.push(file);
      return file;
    });
    return files;
  }

  test.each(DAMAGE_CODES)('is reported as damaged, not the store, if the error is %s', async (code) => {
    const { store } = await newStore();
    await sealed(store, archiveOf());
    const mark = await store.markOf(KEY);
    failOn('readFile', 'bag-info.txt', code);
    expect(await store.markOf(KEY)).toBe(mark);
    await (await store.open(KEY, SEALED)).close();
    failOn('open', 'archive.zip', code);
    await expect(store.open(KEY, SEALED)).rejects.toMatchObject({
      type: 'CopyMissing',
      message: expect.stringContaining(`cannot be read (${code})`) as unknown,
    });
  });

  test('leaves no file open if its size cannot be read', async () => {
    const { store } = await newStore();
    const copyId = await received(store, archiveOf());
    const files = openedArchives();
    (await spyOnFiles('stat')).spy.mockRejectedValueOnce(systemError('EIO'));
    await expect(store.open(KEY, copyId)).rejects.toEqual(failure('CopyMissing'));
    expect(files.map(({ fd }) => fd)).toEqual([-1]);
  });

  test('leaves no file open if its note is refused by the store', async () => {
    const { store } = await newStore();
    const copyId = await received(store, archiveOf());
    const files = openedArchives();
    failOn('readFile', 'transfer.json', 'EACCES');
    await expect(store.open(KEY, copyId)).rejects.toEqual(failure('StoreUnavailable'));
    expect(files.filter(({ fd }) => fd !== -1)).toEqual([]);
  });

  test('is reported as missing if it is removed while it is opened', async () => {
    const { root, store } = await newStore();
    const copyId = await received(store, archiveOf());
    const note = notePathOf(root, copyId);
    const real = fs.readFile as (...args: unknown[]) => Promise<unknown>;
    jest.spyOn(fs, 'readFile').mockImplementation((async (...args: unknown[]) => {
      if (args[0] === note) await rm(dirname(note), { recursive: true });
      return await real(...args);
    }) as never);
    await expect(store.open(KEY, copyId)).rejects.toEqual(failure('CopyMissing'));
  });
});

async function cutAndFill(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.truncate(BYTES.length - 1);
  await file.write(BYTES.subarray(-1), 0, 1, BYTES.length - 1);
  await file.close();
}
