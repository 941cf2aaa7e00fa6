import fs, { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { SEALED } from '../../src/store/archive-store';
import { digestCopy } from '../../src/store/examine-copy';
import { DAMAGE_CODES, failOn, spyOnFiles, systemError } from './failing-files';
import { archiveOf, clear, failure, KEY, newStore, received, sealed, sha256 } from './fixture';
import { begun, copiesIn, goOn, resumed } from './incoming';

afterEach(clear);

describe('a received copy', () => {
  test('contains the bytes as they arrived, however they were split', async () => {
    const { store } = await newStore();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (chunks) => {
        const copy = await store.receive(KEY);
        for (const chunk of chunks) await copy.append(chunk);
        await copy.finish();
        const reader = await store.open(KEY, copy.copyId);
        const whole = Buffer.concat(chunks);
        expect(reader.sizeBytes).toBe(whole.length);
        expect(await digestCopy(reader)).toEqual({ sha256: sha256(whole), sizeBytes: whole.length });
        await reader.close();
        await store.discard(KEY, copy.copyId);
      }),
      { numRuns: 25 },
    );
  });

  test('is independent of the copies of concurrent attempts', async () => {
    const { store } = await newStore();
    const [one, two] = [await store.receive(KEY), await store.receive(KEY)];
    await Promise.all([one.append(Buffer.from('one')), two.append(Buffer.from('the second'))]);
    await Promise.all([one.finish(), two.finish()]);
    expect(one.copyId).not.toBe(two.copyId);
    expect((await bytesOf(store, one.copyId)).toString()).toBe('one');
    expect((await bytesOf(store, two.copyId)).toString()).toBe('the second');
  });

  test('can be read by position, and reads are short only at the end', async () => {
    const { store } = await newStore();
    const reader = await store.open(KEY, await received(store, Buffer.from('0123456789')));
    expect((await reader.readAt(3, 4)).toString()).toBe('3456');
    expect((await reader.readAt(8, 4)).toString()).toBe('89');
    expect((await reader.readAt(99, 4)).toString()).toBe('');
    await reader.close();
    await expect(reader.readAt(0, 1)).rejects.toEqual(failure('StoreUnavailable'));
  });

  test('is gone after a discard, and accepts no more bytes', async () => {
    const { root, store } = await newStore();
    const copy = await store.receive(KEY);
    await copy.append(archiveOf());
    await copy.discard();
    await copy.discard();
    expect(await readdir(join(root, '.incoming/mycompany/archive-1'))).toEqual([]);
    await expect(copy.append(archiveOf())).rejects.toEqual(failure('CopyMissing'));
    await expect(copy.finish()).rejects.toEqual(failure('CopyMissing'));
    await expect(store.open(KEY, copy.copyId)).rejects.toEqual(failure('CopyMissing'));
  });

  test('is gone for a late writer once the archive is sealed, and the writer does no harm', async () => {
    const { store } = await newStore();
    const bytes = archiveOf();
    const late = await store.receive(KEY);
    await late.append(Buffer.from('late'));
    await sealed(store, bytes);
    await late.append(Buffer.from('later'));
    await expect(late.finish()).rejects.toEqual(failure('CopyMissing'));
    expect(await bytesOf(store, SEALED)).toEqual(bytes);
  });

  test('is refused before its first byte if the archive exceeds the free space', async () => {
    const { store } = await newStore();
    await expect(store.receive(KEY, { totalBytes: 2 ** 60 })).rejects.toEqual(failure('StoreFull'));
    await (await store.receive(KEY, { totalBytes: 1000 })).discard();
  });

  test('replaces the copies of attempts that died long ago if it needs their space', async () => {
    const { root, store } = await newStore();
    const [dead, alive] = [await store.receive(KEY), await store.receive(KEY)];
    const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
    const directory = join(root, '.incoming/mycompany/archive-1', dead.copyId);
    await utimes(join(directory, 'data/archive.zip'), old, old);
    await utimes(directory, old, old);
    const fresh = await store.receive(KEY);
    expect((await readdir(join(root, '.incoming/mycompany/archive-1'))).sort()).toEqual(
      [alive.copyId, fresh.copyId].sort(),
    );
    await Promise.all([dead, alive, fresh].map((copy) => copy.discard()));
  });

  test.each([
    '',
    '.',
    '..',
    '../../mycompany/archive-1',
    '/etc',
    'ABCDEF0123456789',
    '0123456789abcdef/',
    'a\0b',
  ])('has no path if its id is %j', async (copyId) => {
    const { root, store } = await newStore();
    await sealed(store, archiveOf());
    await mkdir(join(root, '.incoming/mycompany/archive-1/data'), { recursive: true });
    await writeFile(join(root, '.incoming/mycompany/archive-1/data/archive.zip'), 'bait');
    await expect(store.open(KEY, copyId)).rejects.toEqual(failure('CopyMissing'));
    await expect(store.discard(KEY, copyId)).rejects.toEqual(failure('CopyMissing'));
    const contents = {
      sha256: sha256(Buffer.from('bait')),
      sizeBytes: 4,
      conferenceId: 'c',
      recordSource: Buffer.alloc(0),
    };
    await expect(store.seal(KEY, copyId, contents)).rejects.toEqual(failure('CopyMissing'));
    expect(await readdir(join(root, 'mycompany'))).toEqual(['archive-1']);
  });

  async function bytesOf(store: Awaited<ReturnType<typeof newStore>>['store'], copyId: string) {
    const reader = await store.open(KEY, copyId);
    const bytes = await reader.readAt(0, reader.sizeBytes);
    await reader.close();
    return bytes;
  }
});

describe('an unreadable copy is received again', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each(DAMAGE_CODES)('if its bytes cannot be copied (%s)', async (code) => {
    const { root, store } = await newStore();
    await begun(store, archiveOf());
    // Its writer may still be alive: the next attempt copies the bytes.
    await resumed(store);
    jest.spyOn(fs, 'copyFile').mockRejectedValueOnce(systemError(code));
    expect(await goOn(store)).toBeUndefined();
    expect(await copiesIn(root)).toEqual([]);
  });

  test('if its file cannot be truncated to the size in its note', async () => {
    const { root, store } = await newStore();
    await begun(store, archiveOf());
    (await spyOnFiles('truncate')).spy.mockRejectedValueOnce(systemError('EIO'));
    expect(await goOn(store)).toBeUndefined();
    expect(await copiesIn(root)).toEqual([]);
  });

  test('if its file cannot even be inspected', async () => {
    const { store } = await newStore();
    const copyId = await begun(store, archiveOf());
    for (const name of ['lstat', 'stat'] as const) failOn(name, `${copyId}/data`, DAMAGE_CODES[1]!);
    expect(await goOn(store)).toBeUndefined();
    expect(await received(store, archiveOf())).not.toBe(copyId);
  });

  test('if its note cannot be read', async () => {
    const { store } = await newStore();
    await begun(store, archiveOf());
    failOn('readFile', 'transfer.json', 'EIO');
    expect(await goOn(store)).toBeUndefined();
  });

  test('unless the copying fails for another reason, because that copy is the only one', async () => {
    const { root, store } = await newStore();
    await begun(store, archiveOf());
    await resumed(store);
    jest.spyOn(fs, 'copyFile').mockRejectedValueOnce(systemError('ENOSPC'));
    await expect(goOn(store)).rejects.toEqual(failure('StoreFull'));
    expect(await copiesIn(root)).toHaveLength(1);
    expect((await resumed(store)).receivedBytes).toBe(4000);
  });
});
