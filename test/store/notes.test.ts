import { rm, stat, truncate, writeFile } from 'node:fs/promises';
import { archiveOf, KEY, newStore } from './fixture';
import { begun, changeNote, goOn, notePathOf, payloadOf } from './incoming';

test.each([
  ['no note', (path: string) => rm(path)],
  ['an empty note', (path: string) => truncate(path)],
  ['half a note', (path: string) => truncate(path, 60)],
  ['zeros, as after a power failure', (path: string) => writeFile(path, Buffer.alloc(4096))],
  ['bytes', (path: string) => writeFile(path, archiveOf(4096))],
  ['null', (path: string) => writeFile(path, 'null')],
  ['a list', (path: string) => writeFile(path, '[]')],
])('a copy with %s is begun anew', async (_, harm) => {
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
])('a note with %s is none', async (_, changes) => {
  const { root, store } = await newStore();
  await changeNote(root, await begun(store, archiveOf()), changes);
  expect(await goOn(store)).toBeUndefined();
});

test('no two attempts write into one file, however little room the note has for its writer', async () => {
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
