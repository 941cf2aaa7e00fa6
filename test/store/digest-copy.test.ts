import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ArchivistError } from '../../src/domain/failures';
import { SEALED, type CopyReader } from '../../src/store/archive-store';
import { digestCopy } from '../../src/store/examine-copy';
import { archiveOf, failure, KEY, newStore, sealed, sha256 } from './fixture';

test('a copy is read back whole, and every byte is told', async () => {
  const bytes = archiveOf(3 * 1024 * 1024 + 5);
  const { reader } = await sealedReader(bytes);
  let told = 0;
  const digest = await digestCopy(reader, { onBytes: (count) => (told += count) });
  expect(digest).toEqual({ sha256: sha256(bytes), sizeBytes: bytes.length });
  expect(told).toBe(bytes.length);
  await reader.close();
});

test('one changed byte in the store is found', async () => {
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

test('an empty copy has the digest of nothing', async () => {
  const { reader } = await sealedReader(Buffer.alloc(0));
  expect(await digestCopy(reader)).toEqual({ sha256: sha256(Buffer.alloc(0)), sizeBytes: 0 });
  await reader.close();
});

test('an abort stops the reading with its own reason', async () => {
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

test('an abort ends a read that hangs', async () => {
  const hanging = { stream: () => new Readable({ read: () => undefined }) } as unknown as CopyReader;
  await expect(digestCopy(hanging, { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout');
});

test('a store that fails while it is read is told from a copy that differs', async () => {
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
