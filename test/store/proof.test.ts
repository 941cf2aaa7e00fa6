import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { ArchivistError } from '../../src/domain/failures';
import { SEALED, type CopyReader } from '../../src/store/archive-store';
import { countZipEntries } from '../../src/store/count-zip-entries';
import { digestCopy } from '../../src/store/examine-copy';
import { buildZip } from './build-zip';
import { archiveOf, clear, failure, KEY, newStore, sealed, sha256 } from './fixture';

afterEach(clear);

describe('the checksum', () => {
  test('is computed from the whole stored copy, and progress is reported for every byte', async () => {
    const bytes = archiveOf(3 * 1024 * 1024 + 5);
    const { reader } = await sealedReader(bytes);
    let told = 0;
    const digest = await digestCopy(reader, { onBytes: (count) => (told += count) });
    expect(digest).toEqual({ sha256: sha256(bytes), sizeBytes: bytes.length });
    expect(told).toBe(bytes.length);
    await reader.close();
  });

  test('reveals one changed byte in the store', async () => {
    const bytes = archiveOf(2 * 1024 * 1024);
    const { reader, file } = await sealedReader(bytes);
    const changed = Buffer.from(bytes);
    changed[1_500_000] = changed[1_500_000]! ^ 1;
    await writeFile(file, changed, { flag: 'r+' });
    const digest = await digestCopy(reader);
    expect(digest.sha256).not.toBe(sha256(bytes));
    expect(digest.sha256).toBe(sha256(changed));
    await reader.close();
  });

  test('of an empty copy is the digest of no bytes', async () => {
    const { reader } = await sealedReader(Buffer.alloc(0));
    expect(await digestCopy(reader)).toEqual({ sha256: sha256(Buffer.alloc(0)), sizeBytes: 0 });
    await reader.close();
  });

  test('is aborted with the reason of the signal', async () => {
    const { reader } = await sealedReader(archiveOf(8 * 1024 * 1024));
    const controller = new AbortController();
    const reason = new Error('the claim was cancelled');
    let told = 0;
    const onBytes = (count: number) => {
      told += count;
      controller.abort(reason);
    };
    await expect(digestCopy(reader, { signal: controller.signal, onBytes })).rejects.toBe(reason);
    expect(told).toBe(1024 * 1024);
    await expect(digestCopy(reader, { signal: controller.signal })).rejects.toBe(reason);
    await reader.close();
  });

  test('is aborted even if a read hangs', async () => {
    const hanging = { stream: () => new Readable({ read: () => undefined }) } as unknown as CopyReader;
    await expect(digestCopy(hanging, { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout');
  });

  test('distinguishes a failing store from a copy that differs', async () => {
    const { reader } = await sealedReader(archiveOf());
    await reader.close();
    const digest = digestCopy(reader);
    await expect(digest).rejects.toEqual(failure('StoreUnavailable'));
    await expect(digest).rejects.toBeInstanceOf(ArchivistError);
  });

  async function sealedReader(bytes: Buffer) {
    const { store, bagOf } = await newStore();
    await sealed(store, bytes);
    return { reader: await store.open(KEY, SEALED), file: join(bagOf(KEY), 'data/archive.zip') };
  }
});

describe('the zip check', () => {
  test.each([
    ['no entry', []],
    ['one', ['a.mp4']],
    ['names that no unpacker should trust', ['../../etc/passwd', '/absolute', 'C:\\x', 'Gespräch']],
  ])('counts the entries of a zip with %s', async (_, names) => {
    expect(await countZipEntries(inMemory(buildZip(names)))).toBe(names.length);
    expect(await countZipEntries(inMemory(buildZip(names, { zip64: true })))).toBe(names.length);
    expect(await countZipEntries(inMemory(buildZip(names, { comment: 'a comment' })))).toBe(names.length);
  });

  test.each([
    ['a line break', '\r\n'],
    ['zeros to the end of a block', '\0'.repeat(4096)],
  ])('counts the entries of a zip that is followed by %s, as every unpacker does', async (_, tail) => {
    for (const zip64 of [false, true]) {
      const zip = buildZip(['a', 'b'], { zip64, comment: 'a comment' });
      expect(await countZipEntries(inMemory(Buffer.concat([zip, Buffer.from(tail)])))).toBe(2);
    }
  });

  test('counts the entries of a sealed copy', async () => {
    const { store } = await newStore();
    await sealed(store, buildZip(['recording.mp4', 'chat.txt']));
    const reader = await store.open(KEY, SEALED);
    expect(await countZipEntries(reader)).toBe(2);
    await reader.close();
  });

  test('counts more entries than a zip without zip64 can have, with few reads', async () => {
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
  ])('rejects %s as an unreadable zip', async (_, bytes) => {
    await expect(countZipEntries(inMemory(bytes))).rejects.toEqual(failure('ZipUnreadable'));
  });

  test('rejects a damaged directory as an unreadable zip, and reports no name from it', async () => {
    const zip = buildZip(['secret-name-1', 'secret-name-2']);
    zip.writeUInt32LE(0, zip.lastIndexOf('secret-name-2') - 46);
    const counted = countZipEntries(inMemory(zip));
    await expect(counted).rejects.toEqual(failure('ZipUnreadable'));
    await expect(counted).rejects.toThrow('breaks off after 1 entries');
    await expect(counted).rejects.not.toThrow('secret');
  });

  test('counts or rejects any bytes', async () => {
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

  test('does not mistake a failing store for a broken zip', async () => {
    const broken = new ArchivistError('StoreUnavailable', 'The disk is gone.');
    const reader = { ...inMemory(buildZip(['a'])), readAt: () => Promise.reject(broken) };
    await expect(countZipEntries(reader)).rejects.toBe(broken);
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
});
