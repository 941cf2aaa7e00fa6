import fs from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { archiveOf, failure, KEY, newStore } from './fixture';
import { spyOnFiles, systemError } from './failing-files';
import { bytesOf, copiesIn, goOn, resumed } from './incoming';

const MIB = 1024 * 1024;
/** So much is flushed while more arrives. */
const BYTES = archiveOf(32 * MIB);

afterEach(() => {
  jest.restoreAllMocks();
});

test('bytes that could not be flushed are not flushed a second time, which would succeed without them', async () => {
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

test('nobody goes on with a copy whose bytes could not be flushed, whatever its own attempt does meanwhile', async () => {
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

test('nobody goes on with a copy whose file could not be closed: a network share tells then what it lost', async () => {
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

test('a copy that is let go while it is written is kept, with what was written', async () => {
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

test('a note that cannot be written costs no bytes', async () => {
  const { store } = await newStore();
  const bytes = archiveOf(10 * MIB);
  const copy = await store.receive(KEY);
  (await spyOnFiles('write')).spy.mockRejectedValue(systemError('ENOSPC'));
  await copy.append(bytes);
  await copy.finish();
  expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
});
