import fs, { appendFile, link, readFile, rename, rm, stat, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveOf, clear, failure, KEY, newStore, received } from './fixture';
import {
  begun,
  bytesOf,
  changeNote,
  complete,
  copiesIn,
  goOn,
  incomingIn,
  payloadOf,
  resumed,
} from './incoming';

afterEach(clear);

const MIB = 1024 * 1024;

afterEach(() => {
  jest.restoreAllMocks();
});

test('a released copy is resumed where it ended', async () => {
  const { root, store } = await newStore();
  const bytes = archiveOf(5000);
  const first = await begun(store, bytes.subarray(0, 2000), 5000);
  const copy = await resumed(store);
  expect(copy).toMatchObject({ source: { validator: '"e"', totalBytes: 5000 }, receivedBytes: 2000 });
  expect(copy.copyId).not.toBe(first);
  await complete(copy, bytes);
  expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
  expect(await copiesIn(root)).toEqual([copy.copyId]);
});

test('a copy accepts only one write at a time', async () => {
  const { store } = await newStore();
  const bytes = archiveOf(5000);
  const copy = await store.receive(KEY);
  const writing = copy.append(bytes.subarray(0, 2000), bytes.subarray(2000, 3000));
  await expect(copy.append(Buffer.from('meanwhile'))).rejects.toThrow('one call at a time');
  await writing;
  expect(copy.receivedBytes).toBe(3000);
  await complete(copy, bytes);
  expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
});

test('a copy can be resumed any number of times', async () => {
  const { root, store } = await newStore();
  const bytes = archiveOf(5000);
  await begun(store, bytes.subarray(0, 100));
  for (let from = 100; from < 4000; from += 500) {
    const copy = await resumed(store);
    expect(copy.receivedBytes).toBe(from);
    await copy.append(bytes.subarray(from, from + 500));
    await copy.release();
  }
  const copy = await resumed(store);
  await complete(copy, bytes);
  expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
  expect(await copiesIn(root)).toEqual([copy.copyId]);
});

test('a complete copy lacks nothing, even if its attempt died right before it was marked as finished', async () => {
  const { store } = await newStore();
  const bytes = archiveOf();
  await received(store, bytes);
  const copy = await resumed(store);
  expect(copy.receivedBytes).toBe(bytes.length);
  await copy.finish();
  expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
});

test('there is nothing to resume before the first byte, and after a discard', async () => {
  const { store } = await newStore();
  expect(await goOn(store)).toBeUndefined();
  await (await store.receive(KEY)).release();
  const discarded = await store.receive(KEY);
  await discarded.append(archiveOf());
  await discarded.discard();
  await store.discard(KEY, await received(store, archiveOf()));
  expect(await goOn(store)).toBeUndefined();
});

test('the longest of several copies is resumed', async () => {
  const { store } = await newStore();
  for (const size of [100, 900, 500]) await begun(store, archiveOf(size));
  expect((await resumed(store)).receivedBytes).toBe(900);
});

test('only one of several concurrent attempts may resume a copy', async () => {
  const { root, store } = await newStore();
  await begun(store, archiveOf(2000));
  const copies = await Promise.all(Array.from({ length: 8 }, () => goOn(store)));
  const got = copies.filter((copy) => copy !== undefined);
  expect(got).toHaveLength(1);
  expect(await copiesIn(root)).toEqual([got[0]?.copyId]);
});

test('bytes that a process wrote after its last note are requested again', async () => {
  const { root, store } = await newStore();
  const id = await begun(store, archiveOf(2000));
  await appendFile(payloadOf(root, id), 'bytes that no note knows');
  const copy = await resumed(store);
  expect(copy.receivedBytes).toBe(2000);
  expect((await stat(payloadOf(root, copy.copyId))).size).toBe(2000);
});

test('only bytes that were flushed to disk count after a reboot', async () => {
  const { root, store } = await newStore();
  const bytes = archiveOf(34 * MIB);
  const first = await store.receive(KEY);
  await first.append(bytes.subarray(0, 33 * MIB));
  await first.append(bytes.subarray(33 * MIB));
  await first.release();
  await changeNote(root, first.copyId, { boot: 'another' });
  const copy = await resumed(store);
  expect(copy.receivedBytes).toBe(33 * MIB);
  expect((await stat(payloadOf(root, copy.copyId))).size).toBe(33 * MIB);
  await complete(copy, bytes);
  expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
});

test('a copy without flushed bytes is started again after a reboot', async () => {
  const { root, store } = await newStore();
  const id = await begun(store, archiveOf());
  await changeNote(root, id, { boot: 'another' });
  expect(await goOn(store)).toBeUndefined();
});

test('a copy whose file is gone is started again', async () => {
  const { root, store } = await newStore();
  await rm(payloadOf(root, await begun(store, archiveOf())));
  expect(await goOn(store)).toBeUndefined();
});

test('bytes that a file no longer contains do not count as received', async () => {
  const { root, store } = await newStore();
  await truncate(payloadOf(root, await begun(store, archiveOf(4000))), 1000);
  expect((await goOn(store))?.receivedBytes ?? 0).toBeLessThanOrEqual(1000);
});

test('a file with a second hard link is not resumed, because that link may be in a bag', async () => {
  const { root, store } = await newStore();
  const bytes = archiveOf();
  const other = join(root, 'other.zip');
  await link(payloadOf(root, await begun(store, bytes)), other);
  expect(await goOn(store)).toBeUndefined();
  const copy = await store.receive(KEY);
  await copy.append(Buffer.alloc(5000));
  await copy.finish();
  expect(await readFile(other)).toEqual(bytes);
});

test('a file that gets a second hard link during the takeover is not resumed either', async () => {
  const { root, store } = await newStore();
  const bytes = archiveOf();
  const other = join(root, 'other.zip');
  const { rename: renameFile } = fs;
  const id = await begun(store, bytes);
  jest.spyOn(fs, 'rename').mockImplementationOnce(async (from, to) => {
    await link(payloadOf(root, id), other);
    await renameFile(from, to);
  });
  expect(await goOn(store)).toBeUndefined();
  expect(await readFile(other)).toEqual(bytes);
});

test('a symbolic link in the place of the file is not resumed', async () => {
  const { root, store } = await newStore();
  const path = payloadOf(root, await begun(store, archiveOf()));
  await rename(path, join(root, 'elsewhere.zip'));
  await symlink(join(root, 'elsewhere.zip'), path);
  expect(await goOn(store)).toBeUndefined();
});

test('a copy that was being deleted when its process died is not resumed', async () => {
  const { root, store } = await newStore();
  const id = await begun(store, archiveOf());
  await rename(join(incomingIn(root), id), join(incomingIn(root), 'gone-0123456789abcdef'));
  expect(await goOn(store)).toBeUndefined();
});

test('the copy waits until the store has room for the rest', async () => {
  const { root, store } = await newStore();
  const id = await begun(store, archiveOf(), 5000);
  await changeNote(root, id, { totalBytes: 2 ** 52 });
  await expect(store.resume(KEY)).rejects.toEqual(failure('StoreFull'));
  const [waiting] = await copiesIn(root);
  await changeNote(root, waiting!, { totalBytes: 5000 });
  expect((await resumed(store)).receivedBytes).toBe(4000);
});
