import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveStore, IncomingCopy } from '../../src/store/archive-store';
import { KEY, releaseAfterwards } from './fixture';

/** Where the incoming copies of `KEY` are. */
export function incomingIn(root: string): string {
  return join(root, '.incoming', KEY.tenant, KEY.archiveId);
}

export async function copiesIn(root: string): Promise<readonly string[]> {
  return (await readdir(incomingIn(root))).sort();
}

export function payloadOf(root: string, copyId: string): string {
  return join(incomingIn(root), copyId, 'data/archive.zip');
}

export function notePathOf(root: string, copyId: string): string {
  return join(incomingIn(root), copyId, 'transfer.json');
}

/** Changes what stands beside a copy, as another machine, another boot or a torn write would have it. */
export async function changeNote(root: string, copyId: string, changes: object): Promise<void> {
  const path = notePathOf(root, copyId);
  const note = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...note, ...changes }));
}

/** A copy that an attempt began and let go of. */
export async function begun(store: ArchiveStore, bytes: Buffer, totalBytes?: number): Promise<string> {
  const copy = await store.receive(KEY, { validator: '"e"', totalBytes });
  await copy.append(bytes);
  await copy.release();
  return copy.copyId;
}

/** Goes on with what there is; the copy is let go after the test. */
export async function goOn(store: ArchiveStore): Promise<IncomingCopy | undefined> {
  const copy = await store.resume(KEY);
  if (copy !== undefined) releaseAfterwards(copy);
  return copy;
}

export async function resumed(store: ArchiveStore): Promise<IncomingCopy> {
  const copy = await goOn(store);
  if (copy === undefined) throw new Error('There is nothing to go on with.');
  return copy;
}

/** Writes what is missing of `bytes`, and finishes. */
export async function complete(copy: IncomingCopy, bytes: Buffer): Promise<void> {
  await copy.append(bytes.subarray(copy.receivedBytes));
  await copy.finish();
}

export async function bytesOf(store: ArchiveStore, copyId: string): Promise<Buffer> {
  const reader = await store.open(KEY, copyId);
  const bytes = await reader.readAt(0, reader.sizeBytes);
  await reader.close();
  return bytes;
}
