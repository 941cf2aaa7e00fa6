import { existsSync, readdirSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { TrailingReader } from '../../src/store/filesystem/trailing-reader';
import { archiveOf, clear, KEY, newStore, sha256, temporaryDirectory } from './fixture';

afterEach(clear);

const MIB = 1024 * 1024;

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(temporaryDirectory(), 'file');
  await writeFile(path, bytes);
  return path;
}

async function untilRead(reader: TrailingReader, bytes: number): Promise<void> {
  while (reader.bytes < bytes) await pause(2);
}

test('the reader reads a file of any size to its end, however it grew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3 * MIB }),
      fc.array(fc.integer({ min: 1, max: 2 * MIB }), { maxLength: 5 }),
      async (size, steps) => {
        const bytes = archiveOf(size);
        const reader = new TrailingReader(await fileOf(bytes));
        let readable = 0;
        for (const step of steps) reader.advance((readable = Math.min(readable + step, size)));
        expect(await reader.end(size)).toEqual({ sha256: sha256(bytes), sizeBytes: size });
      },
    ),
    {
      numRuns: 20,
      examples: [
        [0, []],
        [MIB, [MIB]],
        [MIB + 1, [1]],
      ],
    },
  );
});

test('the reader reads no further than it was allowed to, until the end', async () => {
  const bytes = archiveOf(3 * MIB);
  const path = await fileOf(bytes);
  const reader = new TrailingReader(path);
  reader.advance(2 * MIB);
  await untilRead(reader, 2 * MIB);
  await pause(50);
  expect(reader.bytes).toBe(2 * MIB);
  expect((await reader.end(bytes.length))?.sha256).toBe(sha256(bytes));
  expect(reader.bytes).toBe(3 * MIB);
});

test('the reader hashes what the file contains, not what was meant to be written', async () => {
  const bytes = archiveOf(2 * MIB);
  const path = await fileOf(bytes);
  const reader = new TrailingReader(path);
  reader.advance(MIB);
  await untilRead(reader, MIB);
  const file = await open(path, 'r+');
  await file.write(Buffer.of(bytes[MIB + 5]! ^ 1), 0, 1, MIB + 5);
  await file.close();
  bytes[MIB + 5]! ^= 1;
  expect((await reader.end(bytes.length))?.sha256).toBe(sha256(bytes));
});

test('the reader continues if the file is unlinked', async () => {
  const bytes = archiveOf(2 * MIB);
  const path = await fileOf(bytes);
  const reader = new TrailingReader(path);
  reader.advance(1);
  await untilRead(reader, 1);
  await rm(path);
  expect((await reader.end(bytes.length))?.sha256).toBe(sha256(bytes));
});

test('the reader returns nothing for a missing file, and does not fail', async () => {
  const reader = new TrailingReader(join(temporaryDirectory(), 'nothing'));
  reader.advance(5);
  expect(await reader.end(10)).toBeUndefined();
  await reader.stop();
});

test('the reader reports the actual length of a file that is too short', async () => {
  const reader = new TrailingReader(await fileOf(archiveOf(100)));
  expect(await reader.end(200)).toMatchObject({ sizeBytes: 100 });
});

test('the reader returns nothing after it was stopped', async () => {
  const reader = new TrailingReader(await fileOf(archiveOf(100)));
  reader.advance(50);
  await reader.stop();
  await reader.stop();
  expect(await reader.end(100)).toBeUndefined();
});

const threads = () => readdirSync('/proc/self/task').length;
const withThreads = existsSync('/proc/self/task') ? test : test.skip;

withThreads('no thread remains after a copy was finished, released or discarded', async () => {
  const { store } = await newStore();
  const bytes = archiveOf(33 * MIB);
  const begin = async () => {
    const copy = await store.receive(KEY);
    await copy.append(bytes);
    return copy;
  };
  await (await begin()).discard();
  const before = threads();
  await (await begin()).finish();
  await (await begin()).discard();
  const copy = await begin();
  while (threads() <= before) await pause(2);
  await copy.release();
  expect(threads()).toBeLessThanOrEqual(before);
});
