import fs, { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBag } from '../support/check-bag';
import { spyOnFiles, systemError } from './failing-files';
import { archiveOf, contentsOf, failure, KEY, newStore, received } from './fixture';

afterEach(() => {
  jest.restoreAllMocks();
});

test.each(['ENOSPC', 'EDQUOT'])('%s is a full store', async (code) => {
  const { store } = await newStore();
  const copy = await store.receive(KEY);
  (await spyOnFiles('writev')).spy.mockRejectedValueOnce(systemError(code));
  await expect(copy.append(archiveOf())).rejects.toEqual(failure('StoreFull'));
  await copy.discard();
});

test('any other failure is an unavailable store; its code is told and no path', async () => {
  const { store } = await newStore();
  const copy = await store.receive(KEY);
  (await spyOnFiles('writev')).spy.mockRejectedValueOnce(systemError('EIO'));
  await expect(copy.append(archiveOf())).rejects.toMatchObject({
    type: 'StoreUnavailable',
    message: 'Could not write a copy of archive archive-1: the store failed (EIO).',
  });
  await copy.discard();
});

test('writes that the system takes in part are completed', async () => {
  const { store } = await newStore();
  const bytes = archiveOf();
  const copy = await store.receive(KEY);
  const writev = await spyOnFiles('writev');
  const whole = writev.original;
  writev.spy.mockImplementation(function (this: fs.FileHandle, chunks, position) {
    return whole.call(this, [(chunks as Buffer[])[0]!.subarray(0, 700)], position);
  });
  await copy.append(bytes.subarray(0, 1000), bytes.subarray(1000, 1500), bytes.subarray(1500));
  await copy.finish();
  jest.restoreAllMocks();
  const reader = await store.open(KEY, copy.copyId);
  expect(await reader.readAt(0, 5000)).toEqual(bytes);
  await reader.close();
});

test('a copy whose fsync failed is dead, though the next fsync would succeed', async () => {
  const { root, store } = await newStore();
  const copy = await store.receive(KEY);
  await copy.append(archiveOf());
  const syncs = (await spyOnFiles('datasync')).spy.mockRejectedValueOnce(systemError('EIO'));
  await expect(copy.finish()).rejects.toEqual(failure('StoreUnavailable'));
  await expect(copy.finish()).rejects.toEqual(failure('StoreUnavailable'));
  expect(syncs).toHaveBeenCalledTimes(1);
  expect(await readdir(join(root, '.incoming/mycompany/archive-1'))).toEqual([]);
});

test('a copy whose bytes could not be flushed on the way is dead', async () => {
  const { store } = await newStore();
  const copy = await store.receive(KEY);
  const megabytes = Buffer.alloc(16 * 1024 * 1024);
  (await spyOnFiles('writev')).spy.mockResolvedValue({ bytesWritten: megabytes.length });
  (await spyOnFiles('datasync')).spy.mockRejectedValueOnce(systemError('ENOSPC'));
  const fill = async () => {
    for (let count = 0; count < 20; count += 1) await copy.append(megabytes);
  };
  await expect(fill()).rejects.toEqual(failure('StoreFull'));
  await expect(copy.finish()).rejects.toEqual(failure('StoreFull'));
});

test('a copy whose bytes cannot be made durable is not sealed, now or later', async () => {
  const { store } = await newStore();
  const bytes = archiveOf();
  const copyId = await received(store, bytes);
  (await spyOnFiles('sync')).spy.mockRejectedValueOnce(systemError('EIO'));
  await expect(store.seal(KEY, copyId, contentsOf(bytes))).rejects.toEqual(failure('StoreUnavailable'));
  await expect(store.seal(KEY, copyId, contentsOf(bytes))).rejects.toEqual(failure('CopyMissing'));
  expect(await store.findSealed(KEY)).toBeUndefined();
});

test.each(['EPERM', 'ENOTSUP'])('seals on a filesystem without hard links (%s)', async (code) => {
  const links = jest.spyOn(fs, 'link').mockRejectedValue(systemError(code));
  const { store, bagOf } = await newStore();
  const bytes = archiveOf();
  await store.seal(KEY, await received(store, bytes), contentsOf(bytes));
  expect(links).toHaveBeenCalledTimes(2);
  expect(await checkBag(bagOf(KEY))).toEqual([]);
});

test('no attempt to clear away makes a discard or a seal fail', async () => {
  const { store, bagOf } = await newStore();
  const bytes = archiveOf();
  const copyId = await received(store, bytes);
  const copy = await store.receive(KEY);
  const removals = jest.spyOn(fs, 'rm').mockRejectedValue(systemError('EACCES'));
  await copy.discard();
  await store.seal(KEY, copyId, contentsOf(bytes));
  expect(removals).toHaveBeenCalled();
  expect(await checkBag(bagOf(KEY))).toEqual([]);
});
