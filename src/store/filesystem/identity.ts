import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchivistError } from '../../domain/failures';
import { isTenantId, type TenantId } from '../../domain/ids';
import { BAG_FILES } from '../bag';
import { linkOrMove, makeDirectory, sync, writeNewFile } from './durable';
import { codeOf, ifThere } from './failures';
import { newId, type Layout } from './layout';

/**
 * Checks that the store is there, and is the expected one: an unmounted volume is an empty directory, and another volume in its
 * place is a store, but another.
 * @param expected the identity that the ledger remembers
 */
export function identityOf(layout: Layout, expected: string | undefined) {
  /** @returns the store's identity @throws `StoreUnavailable` if it is not the expected store */
  async function check(): Promise<string> {
    const identity = await readMarker(layout);
    if (identity === undefined) throw refusal('its marker file is missing, as on an unmounted volume');
    if (expected !== undefined && identity !== expected)
      throw refusal('it is another store than was expected');
    return identity;
  }

  return {
    check,
    /**
     * Gives the store an identity if it has none. If one is expected, the store is known to exist, and an empty directory is no new
     * store but an unmounted volume.
     */
    async initialise(): Promise<string> {
      if (expected === undefined && (await readMarker(layout)) === undefined) await writeMarker(layout);
      return await check();
    },
  };
}

/** The store's identity, and whether it has bags. A directory that does not exist counts as empty. */
export async function lookAt(layout: Layout) {
  return { identity: await readMarker(layout), hasBags: await hasBags(layout) };
}

async function hasBags({ root }: Layout): Promise<boolean> {
  for (const tenant of ((await ifThere(readdir(root))) ?? []).filter(isTenantId))
    for (const archive of (await ifThere(readdir(join(root, tenant)))) ?? [])
      if (await ifThere(stat(join(root, tenant, archive, BAG_FILES.declaration)))) return true;
  return false;
}

/** @returns the store's identity; `undefined` if it has no marker file @throws `StoreUnavailable` if that file cannot be parsed */
async function readMarker({ marker: path }: Layout): Promise<string | undefined> {
  const text = await ifThere(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    const marker = JSON.parse(text) as { readonly identity?: unknown } | null;
    if (typeof marker?.identity === 'string') return marker.identity;
  } catch {
    // Refused like a marker without an identity.
  }
  throw refusal('its marker file cannot be understood');
}

/** Writes the marker atomically. If two processes write it concurrently, the first one wins. */
async function writeMarker({ root, marker }: Layout): Promise<void> {
  await makeDirectory(root);
  const draft = `${marker}.${newId()}`;
  const text = JSON.stringify({ identity: randomUUID(), created: new Date().toISOString() }, null, 2);
  try {
    await writeNewFile(draft, `${text}\n`);
    await linkOrMove(draft, marker);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await sync(root);
}

/** Copies are renamed into their places, which is impossible across filesystems. @throws `StoreUnavailable` */
export async function requireOneFilesystem(layout: Layout, tenants: readonly TenantId[]): Promise<void> {
  const { dev } = await stat(layout.root);
  for (const tenant of tenants) {
    const folders = [layout.bagsOf(tenant), layout.incomingOf(tenant)];
    const found = await Promise.all(folders.map((folder) => ifThere(stat(folder))));
    if (found.some((folder) => folder !== undefined && folder.dev !== dev))
      throw refusal(
        `a folder of ${tenant} is on another filesystem than the rest, and copies could not be moved`,
      );
  }
}

function refusal(reason: string): ArchivistError {
  return new ArchivistError('StoreUnavailable', `The store is refused: ${reason}.`);
}
