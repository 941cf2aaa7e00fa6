import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ArchiveFacts } from '../../src/domain/claim';
import type { ArchiveKey } from '../../src/domain/ids';
import type { LedgerEvent } from '../../src/ledger/ledger';
import { secure, type Workshop } from './workshop';

export const PAYLOAD = 'data/archive.zip';

/** An archive that is claimed to its end. */
export async function abandoned(workshop: Workshop): Promise<ArchiveKey> {
  const key = await workshop.archive();
  await workshop.run('abandonArchive', key, await secure(workshop, key));
  return key;
}

export function bagOf({ store }: Workshop, key: ArchiveKey): string {
  return fileURLToPath(store.locationOf(key));
}

/** The last events in the ledger, the latest last. */
export async function lastEvents(
  { ledger }: Workshop,
  key: ArchiveKey,
  count: number,
): Promise<LedgerEvent[]> {
  return (await ledger.history(key)).slice(-count);
}

/** What a fresh copy must be to take the place of the one that was secured. */
export async function factsOfSecured(workshop: Workshop, key: ArchiveKey): Promise<ArchiveFacts> {
  const { conferenceId, sha256 } = await workshop.run('findAbandoned', key);
  return { conferenceId, sha256, platformStatus: 'ABANDONED' };
}

/** What a watch does once a copy is found damaged. */
export async function repair(workshop: Workshop, key: ArchiveKey): Promise<void> {
  const facts = await factsOfSecured(workshop, key);
  const copy = await workshop.run('downloadAgain', key, facts);
  const verified = await workshop.run('verifyCopy', key, facts, copy);
  await workshop.run('secureCopy', key, facts, verified);
  await workshop.run('recordRepair', key);
}

/** Changes one bit: `at` is 0 for the first byte, 1 for the last. */
export async function flipBit(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const position = Math.floor(((await file.stat()).size - 1) * at);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0]! ^= 1;
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}
