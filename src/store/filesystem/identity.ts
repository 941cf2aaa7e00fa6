import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { ArchivistError } from '../../domain/failures';
import { linkOrMove, makeDirectory, sync, writeNewFile } from './durable';
import { codeOf, ifThere } from './failures';
import { newId, type Layout } from './layout';

/**
 * Makes sure that the store is there, and is the expected one: an unmounted volume is an empty directory, and another
 * volume in its place is a store, but another.
 * @returns the store's identity
 * @throws `StoreUnavailable` otherwise
 */
export async function checkIdentity(layout: Layout, expected: string | undefined): Promise<string> {
  const identity = await readIdentity(layout);
  if (identity === undefined) throw refusal('its marker file is missing, as on an unmounted volume');
  if (expected !== undefined && identity !== expected) throw refusal('it is another store than was expected');
  return identity;
}

/**
 * Gives the store an identity where it has none. Where one is expected, the store is known to exist, and an empty
 * directory is no new store but an unmounted volume.
 */
export async function initialiseIdentity(layout: Layout, expected: string | undefined): Promise<string> {
  if (expected === undefined && (await readIdentity(layout)) === undefined) await writeMarker(layout);
  return checkIdentity(layout, expected);
}

async function readIdentity({ marker }: Layout): Promise<string | undefined> {
  const text = await ifThere(readFile(marker, 'utf8'));
  if (text === undefined) return undefined;
  const identity = identityIn(text);
  if (identity === undefined) throw refusal('its marker file cannot be understood');
  return identity;
}

function identityIn(text: string): string | undefined {
  try {
    const marker: unknown = JSON.parse(text);
    if (typeof marker !== 'object' || marker === null || !('identity' in marker)) return undefined;
    return typeof marker.identity === 'string' ? marker.identity : undefined;
  } catch {
    return undefined;
  }
}

/** The marker appears whole, and the first of two that write it at once wins. */
async function writeMarker({ root, marker }: Layout): Promise<void> {
  await makeDirectory(root);
  const draft = `${marker}.${newId()}`;
  const text = JSON.stringify({ identity: randomUUID(), created: new Date().toISOString() }, null, 2);
  try {
    await writeNewFile(draft, Buffer.from(`${text}\n`));
    await linkOrMove(draft, marker);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await sync(root);
}

function refusal(reason: string): ArchivistError {
  return new ArchivistError('StoreUnavailable', `The store is refused: ${reason}.`);
}
