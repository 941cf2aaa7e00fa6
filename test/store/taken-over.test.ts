import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { archiveOf, clear, failure, KEY, newStore } from './fixture';
import {
  begun,
  bytesOf,
  changeNote,
  complete,
  copiesIn,
  goOn,
  notePathOf,
  payloadOf,
  resumed,
} from './incoming';

afterEach(clear);

describe('a copy that another attempt takes over', () => {
  const MIB = 1024 * 1024;
  const TOTAL = 24 * MIB;

  const children: ChildProcess[] = [];
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

  /** Another process that receives a copy. */
  function receiving(root: string) {
    const script = join(__dirname, 'receive-slowly.ts');
    const child = spawn(process.execPath, ['-r', 'tsx/cjs', script, root, String(TOTAL)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const said: Record<string, string> = {};
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      const [name = '', value = ''] = line.split(' ');
      said[name] = value;
      child.emit('said');
    });
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await once(child, 'said');
    };
    return {
      child,
      said,
      untilReceived: (bytes: number) => until(() => Number(said['received']) >= bytes),
      untilEnd: async () => {
        await until(() => said['end'] !== undefined);
        return said['end'];
      },
    };
  }

  function ofLetters(...parts: readonly (readonly [string, number])[]): Buffer {
    return Buffer.concat(parts.map(([letter, length]) => Buffer.alloc(length, letter)));
  }

  test('keeps what a killed process received, and the next one continues in the same file', async () => {
    const { root, store } = await newStore();
    const { child, said, untilReceived } = receiving(root);
    await untilReceived(20 * MIB);
    child.kill('SIGKILL');
    await once(child, 'close');
    const { ino } = await stat(payloadOf(root, said['copy']!));

    const copy = await resumed(store);
    const { receivedBytes } = copy;
    expect(copy.source).toEqual({ validator: '"e"', totalBytes: TOTAL });
    expect(receivedBytes).toBeLessThanOrEqual(TOTAL);
    // Two notes, of 8 MiB each, are the most that may have been on their way.
    expect(receivedBytes).toBeGreaterThan(3 * MIB);
    expect((await stat(payloadOf(root, copy.copyId))).ino).toBe(ino);

    const bytes = ofLetters(['A', receivedBytes], ['B', TOTAL - receivedBytes]);
    await complete(copy, bytes);
    expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
    expect(await copiesIn(root)).toEqual([copy.copyId]);
  });

  test('is safe from a process that was only stopped, which writes nothing when it continues', async () => {
    const { root, store } = await newStore();
    const { child, said, untilReceived, untilEnd } = receiving(root);
    await untilReceived(10 * MIB);
    child.kill('SIGSTOP');
    const { ino } = await stat(payloadOf(root, said['copy']!));

    const copy = await resumed(store);
    const { receivedBytes } = copy;
    expect(receivedBytes).toBeGreaterThan(0);
    expect((await stat(payloadOf(root, copy.copyId))).ino).not.toBe(ino);
    const bytes = ofLetters(['A', receivedBytes], ['B', TOTAL - receivedBytes]);
    await complete(copy, bytes);

    child.kill('SIGCONT');
    expect(await untilEnd()).toBe('CopyMissing');
    expect((await bytesOf(store, copy.copyId)).equals(bytes)).toBe(true);
    expect(await copiesIn(root)).toEqual([copy.copyId]);
  });

  test('is safe from an attempt of the same process that was mistaken for dead', async () => {
    const { root, store } = await newStore();
    await begun(store, Buffer.alloc(2000, 'A'));
    const late = await resumed(store);
    const copy = await resumed(store);
    expect(copy.receivedBytes).toBe(2000);
    await late.append(Buffer.alloc(3000, 'A'));
    await late.append(Buffer.alloc(100, 'Z'));
    const bytes = ofLetters(['A', 2000], ['B', 3000]);
    await complete(copy, bytes);
    await late.append(Buffer.alloc(5000, 'Z'));
    await expect(late.finish()).rejects.toEqual(failure('CopyMissing'));
    expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
    expect(await copiesIn(root)).toEqual([copy.copyId]);
  });

  test('stays with its new owner when the old attempt releases it late', async () => {
    const { root, store } = await newStore();
    const bytes = archiveOf(3000);
    await begun(store, bytes.subarray(0, 1000));
    const late = await resumed(store);
    const copy = await resumed(store);
    await late.release();
    await late.discard();
    await complete(copy, bytes);
    expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
    expect(await copiesIn(root)).toEqual([copy.copyId]);
  });

  test('can be taken over while the old attempt releases it', async () => {
    const { store } = await newStore();
    const bytes = archiveOf(3000);
    await begun(store, bytes.subarray(0, 1000));
    const late = await resumed(store);
    const [copy] = await Promise.all([resumed(store), late.release()]);
    await complete(copy, bytes);
    expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
  });
});

describe('the note of a copy', () => {
  test.each([
    ['no note', (path: string) => rm(path)],
    ['an empty note', (path: string) => truncate(path)],
    ['half a note', (path: string) => truncate(path, 60)],
    ['zeros, as after a power failure', (path: string) => writeFile(path, Buffer.alloc(4096))],
    ['bytes', (path: string) => writeFile(path, archiveOf(4096))],
    ['null', (path: string) => writeFile(path, 'null')],
    ['a list', (path: string) => writeFile(path, '[]')],
  ])('causes a restart of the copy if there is %s', async (_, harm) => {
    const { root, store } = await newStore();
    await harm(notePathOf(root, await begun(store, archiveOf())));
    expect(await goOn(store)).toBeUndefined();
    const copy = await store.receive(KEY);
    await copy.append(archiveOf());
    await copy.finish();
  });

  test.each([
    ['another version', { version: 2 }],
    ['no count of bytes', { receivedBytes: undefined }],
    ['a count below zero', { receivedBytes: -1 }],
    ['a count that is no integer', { durableBytes: 0.5 }],
    ['no boot', { boot: 7 }],
    ['a validator that is none', { validator: 5 }],
    ['a length that is none', { totalBytes: 'long' }],
    ['a writer that is none', { writer: null }],
  ])('is invalid with %s', async (_, changes) => {
    const { root, store } = await newStore();
    await changeNote(root, await begun(store, archiveOf()), changes);
    expect(await goOn(store)).toBeUndefined();
  });

  test('keeps two attempts from writing into one file, however little room it has for its writer', async () => {
    for (let length = 3600; length <= 4100; length += 50) {
      const { root, store } = await newStore();
      const copy = await store.receive(KEY, { validator: `"${'e'.repeat(length)}"` });
      await copy.append(archiveOf());
      await copy.release();
      const writer = await goOn(store);
      const other = await goOn(store);
      if (writer === undefined || other === undefined) continue;
      await writer.append(Buffer.from('the writer, which was taken for dead'));
      expect((await stat(payloadOf(root, other.copyId))).size).toBe(4000);
    }
  });
});
