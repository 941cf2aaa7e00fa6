import { Readable } from 'node:stream';
import fc from 'fast-check';
import { ArchivistError } from '../../src/domain/failures';
import { SEALED, type CopyReader } from '../../src/store/archive-store';
import { countZipEntries } from '../../src/store/count-zip-entries';
import { buildZip } from './build-zip';
import { archiveOf, failure, KEY, newStore, sealed } from './fixture';

test.each([
  ['no entry', []],
  ['one', ['a.mp4']],
  ['names that no unpacker should trust', ['../../etc/passwd', '/absolute', 'C:\\x', 'Gespräch']],
])('counts the entries of a zip with %s', async (_, names) => {
  expect(await countZipEntries(inMemory(buildZip(names)))).toBe(names.length);
  expect(await countZipEntries(inMemory(buildZip(names, { zip64: true })))).toBe(names.length);
  expect(await countZipEntries(inMemory(buildZip(names, { comment: 'a comment' })))).toBe(names.length);
});

test('counts the entries of a sealed copy', async () => {
  const { store } = await newStore();
  await sealed(store, buildZip(['recording.mp4', 'chat.txt']));
  const reader = await store.open(KEY, SEALED);
  expect(await countZipEntries(reader)).toBe(2);
  await reader.close();
});

test('counts more entries than a zip without zip64 can have, in few reads', async () => {
  const names = Array.from({ length: 70_000 }, (_, index) => `recording-${index}.mp4`);
  const zip = buildZip(names, { zip64: true });
  let reads = 0;
  const reader = inMemory(zip, () => (reads += 1));
  expect(await countZipEntries(reader)).toBe(70_000);
  expect(reads).toBeLessThan(40);
});

test.each([
  ['an empty file', Buffer.alloc(0)],
  ['an error page', Buffer.from('<html><body>502 Bad Gateway</body></html>')],
  ['random bytes', archiveOf(100_000)],
  ['a zip that was cut short', buildZip(['a', 'b', 'c']).subarray(0, -1)],
  ['a zip without its beginning', buildZip(['a', 'b', 'c']).subarray(10)],
])('%s is no readable zip', async (_, bytes) => {
  await expect(countZipEntries(inMemory(bytes))).rejects.toEqual(failure('ZipUnreadable'));
});

test('a damaged directory is no readable zip, and no name from it is told', async () => {
  const zip = buildZip(['secret-name-1', 'secret-name-2']);
  zip.writeUInt32LE(0, zip.lastIndexOf('secret-name-2') - 46);
  const counted = countZipEntries(inMemory(zip));
  await expect(counted).rejects.toEqual(failure('ZipUnreadable'));
  await expect(counted).rejects.toThrow('breaks off after 1 entries');
  await expect(counted).rejects.not.toThrow('secret');
});

test('whatever the bytes are, it is counted or refused', async () => {
  const zip = buildZip(['one.mp4', 'two.mp4'], { zip64: true });
  const damage = fc.array(fc.tuple(fc.nat(zip.length - 1), fc.nat(255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(damage, async (changes) => {
      const bytes = Buffer.from(zip);
      for (const [position, value] of changes) bytes[position] = value;
      const outcome = await countZipEntries(inMemory(bytes)).catch((error: unknown) => error);
      if (typeof outcome !== 'number') expect(outcome).toEqual(failure('ZipUnreadable'));
    }),
    { numRuns: 500 },
  );
});

test('a store that fails is not taken for a broken zip', async () => {
  const broken = new ArchivistError('StoreUnavailable', 'The disk is gone.');
  const reader = { ...inMemory(buildZip(['a'])), readAt: () => Promise.reject(broken) };
  await expect(countZipEntries(reader)).rejects.toBe(broken);
});

test('an abort stops the counting with its own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('the claim was cancelled');
  const reader = inMemory(buildZip(['a']), () => controller.abort(reason));
  await expect(countZipEntries(reader, { signal: controller.signal })).rejects.toBe(reason);
});

function inMemory(bytes: Buffer, onRead: () => void = () => undefined): CopyReader {
  return {
    sizeBytes: bytes.length,
    stream: () => Readable.from([bytes]),
    readAt: (position, length) => {
      onRead();
      return Promise.resolve(bytes.subarray(position, position + length));
    },
    close: () => Promise.resolve(),
  };
}
