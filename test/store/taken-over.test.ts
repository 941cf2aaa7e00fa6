import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { archiveOf, failure, newStore } from './fixture';
import { begun, bytesOf, complete, copiesIn, payloadOf, resumed } from './incoming';

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

test('what a process received before it was killed is there for the next one, which goes on in the same file', async () => {
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

test('a process that only stands still writes into nothing when it goes on', async () => {
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

test('an attempt of the same process that was taken for dead writes into nothing, too', async () => {
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

test('an attempt that lets go late does not take the copy away from its successor', async () => {
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

test('a successor goes on though its predecessor lets go while it takes over', async () => {
  const { store } = await newStore();
  const bytes = archiveOf(3000);
  await begun(store, bytes.subarray(0, 1000));
  const late = await resumed(store);
  const [copy] = await Promise.all([resumed(store), late.release()]);
  await complete(copy, bytes);
  expect(await bytesOf(store, copy.copyId)).toEqual(bytes);
});
