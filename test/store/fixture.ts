import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FailureType } from '../../src/domain/failures';
import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { ArchiveStore, BagContents, IncomingCopy } from '../../src/store/archive-store';
import { openStore } from '../../src/store/open-store';

export const KEY = keyOf('archive-1');
export const RECORD = '{"id":"archive-1",  "title":"Gespräch – 面談"}';

/** A directory that `clear` deletes. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'archivist-store-'));
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const undo: (() => unknown)[] = [];

/** Lets go of a copy when the test has ended. */
export function releaseAfterwards(copy: IncomingCopy): void {
  undo.push(() => copy.release());
}

/** Every test file that uses this module calls it after each test. */
export async function clear(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

export function keyOf(archiveId: string, tenant = 'mycompany'): ArchiveKey {
  return { tenant: parseTenantId(tenant), archiveId: parseArchiveId(archiveId) };
}

export async function newStore(root = join(temporaryDirectory(), 'archives')) {
  const store = openStore(`file:${root}`);
  await store.initialise();
  const bagOf = ({ tenant, archiveId }: ArchiveKey) => join(root, tenant, archiveId);
  return { root, store, bagOf };
}

/** Receives a whole copy; returns its id. */
export async function received(store: ArchiveStore, bytes: Buffer, key = KEY): Promise<string> {
  const copy = await store.receive(key);
  await copy.append(bytes);
  await copy.finish();
  return copy.copyId;
}

/** Receives and seals a copy. */
export async function sealed(store: ArchiveStore, bytes: Buffer, key = KEY) {
  return store.seal(key, await received(store, bytes, key), contentsOf(bytes));
}

export function contentsOf(bytes: Buffer): BagContents {
  return {
    sha256: sha256(bytes),
    sizeBytes: bytes.length,
    conferenceId: 'conference-1',
    recordSource: Buffer.from(RECORD),
  };
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An archive that is no other. */
export function archiveOf(size = 4000): Buffer {
  return randomBytes(size);
}

export function failure(type: FailureType): unknown {
  return expect.objectContaining({ name: 'ArchivistError', type });
}
