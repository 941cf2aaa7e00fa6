import fs, { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkBag } from '../support/check-bag';
import { spyOnFiles, systemError } from './failing-files';
import { archiveOf, clear, contentsOf, failure, KEY, newStore, received } from './fixture';
import { bytesOf, copiesIn, goOn, resumed } from './incoming';

afterEach(clear);

describe('faults of the operating system', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each(['ENOSPC', 'EDQUOT'])('%s is reported as a full store', async (code) => {
    const { store } = await newStore();
    const copy = await store.receive(KEY);
    (await spyOnFiles('writev')).spy.mockRejectedValueOnce(systemError(code));
    await expect(copy.append(archiveOf())).rejects.toEqual(failure('StoreFull'));
    await copy.discard();
  });

  test('any other failure is reported as an unavailable store, with its code but without a path', async () => {
    const { store } = await newStore();
    const copy = await store.receive(KEY);
    (await spyOnFiles('writev')).spy.mockRejectedValueOnce(systemError('EIO'));
    await expect(copy.append(archiveOf())).rejects.toMatchObject({
      type: 'StoreUnavailable',
      message: 'Could not write a copy of archive archive-1: the store failed (EIO).',
    });
    await copy.discard();
  });

  test('the store completes partial writes', async () => {
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

  test('a copy whose fsync failed cannot be used, even if the next fsync would succeed', async () => {
    const { root, store } = await newStore();
    const copy = await store.receive(KEY);
    await copy.append(archiveOf());
    const syncs = (await spyOnFiles('datasync')).spy.mockRejectedValueOnce(systemError('EIO'));
    await expect(copy.finish()).rejects.toEqual(failure('StoreUnavailable'));
    await expect(copy.finish()).rejects.toEqual(failure('StoreUnavailable'));
    expect(syncs).toHaveBeenCalledTimes(1);
    expect(await readdir(join(root, '.incoming/mycompany/archive-1'))).toEqual([]);
  });

  test('a copy that could not be flushed during the transfer cannot be used', async () => {
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

  test('a copy whose bytes cannot be made durable is not sealed, neither now nor later', async () => {
    const { store } = await newStore();
    const bytes = archiveOf();
    const copyId = await received(store, bytes);
    (await spyOnFiles('sync')).spy.mockRejectedValueOnce(systemError('EIO'));
    await expect(store.seal(KEY, copyId, contentsOf(bytes))).rejects.toEqual(failure('StoreUnavailable'));
    await expect(store.seal(KEY, copyId, contentsOf(bytes))).rejects.toEqual(failure('CopyMissing'));
    expect(await store.findSealed(KEY)).toBeUndefined();
  });

  test('sealing makes every file of the bag, its directories and its path durable', async () => {
    const { store } = await newStore();
    const bytes = archiveOf();
    const copyId = await received(store, bytes);
    const { spy } = await spyOnFiles('sync');
    await store.seal(KEY, copyId, contentsOf(bytes));
    const [files, directories, newTenant, wayToIt] = [6, 3, 1, 2];
    expect(spy).toHaveBeenCalledTimes(files + directories + newTenant + wayToIt);
  });

  test.each(['EPERM', 'ENOTSUP'])('the store seals on a filesystem without hard links (%s)', async (code) => {
    const links = jest.spyOn(fs, 'link').mockRejectedValue(systemError(code));
    const { store, bagOf } = await newStore();
    const bytes = archiveOf();
    await store.seal(KEY, await received(store, bytes), contentsOf(bytes));
    expect(links).toHaveBeenCalledTimes(2);
    expect(await checkBag(bagOf(KEY))).toEqual([]);
  });

  test('a failed cleanup makes neither a discard nor a seal fail', async () => {
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
});

describe('a copy', () => {
  const MIB = 1024 * 1024;
  /** So much is flushed while more arrives. */
  const BYTES = archiveOf(32 * MIB);

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('is not flushed again after a failure, because that would succeed without the lost bytes', async () => {
    const { root, store } = await newStore();
    const copy = await store.receive(KEY);
    const { spy } = await spyOnFiles('datasync');
    spy.mockImplementationOnce(async () => {
      await pause(50);
      throw systemError('EIO');
    });
    await copy.append(BYTES);
    await expect(copy.finish()).rejects.toEqual(failure('StoreUnavailable'));
    expect(spy).toHaveBeenCalledTimes(1);
    expect(await copiesIn(root)).toEqual([]);
  });

  test('is not resumed if its bytes could not be flushed, whatever its own attempt does meanwhile', async () => {
    const { store } = await newStore();
    const copy = await store.receive(KEY);
    const { spy } = await spyOnFiles('datasync');
    const flushed = new Promise((resolve) => {
      spy.mockImplementationOnce(() => {
        setImmediate(resolve);
        return Promise.reject(systemError('EIO'));
      });
    });
    await copy.append(BYTES).catch(() => undefined);
    await flushed;
    // The attempt waits for a network that stands still.
    await pause(200);
    expect(await goOn(store)).toBeUndefined();
    await copy.release();
  });

  test('is not resumed if its file could not be closed, as a share may report lost bytes only then', async () => {
    const { store } = await newStore();
    const open = fs.open.bind(fs);
    jest.spyOn(fs, 'open').mockImplementation(async (...args) => {
      const file = await open(...args);
      if (!String(args[0]).endsWith('archive.zip')) return file;
      const close = file.close.bind(file);
      file.close = async () => {
        await close();
        throw systemError('EDQUOT');
      };
      return file;
    });
    const copy = await store.receive(KEY);
    await copy.append(archiveOf());
    await copy.release();
    jest.restoreAllMocks();
    expect(await goOn(store)).toBeUndefined();
  });

  test('keeps the written bytes if it is released during a write', async () => {
    const { store } = await newStore();
    const copy = await store.receive(KEY);
    const writing = copy.append(BYTES).catch(() => undefined);
    await copy.release();
    await writing;
    const successor = await resumed(store);
    expect(successor.receivedBytes).toBe(BYTES.length);
    await successor.finish();
    expect((await bytesOf(store, successor.copyId)).equals(BYTES)).toBe(true);
  });

  test('loses no bytes if its note cannot be written', async () => {
    const { store } = await newStore();
    const bytes = archiveOf(10 * MIB);
    const copy = await store.receive(KEY);
    (await spyOnFiles('write')).spy.mockRejectedValue(systemError('ENOSPC'));
    await copy.append(bytes);
    await copy.finish();
    expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
  });
});
