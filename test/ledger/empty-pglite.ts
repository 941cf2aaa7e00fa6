import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { openPglite } from '../../src/embedded/pglite';

const MODULES = path.resolve(__dirname, '../../node_modules');
const PGLITE = path.join(MODULES, '@electric-sql/pglite/package.json');

/**
 * Puts an empty PGlite database where there is nothing yet. Making one takes PGlite seconds, a copy takes none: the first
 * one is kept among the caches of node_modules, for the version of PGlite that made it.
 */
export async function copyEmptyPglite(directory: string): Promise<void> {
  const { version } = jest.requireActual<{ version: string }>(PGLITE);
  const kept = path.join(MODULES, '.cache/archivist', `empty-pglite-${version}`);
  if (!existsSync(kept)) await make(kept);
  await cp(kept, directory, { recursive: true });
}

async function make(kept: string): Promise<void> {
  const draft = `${kept}-${process.pid}`;
  const database = await openPglite(draft);
  await database.close();
  await rm(`${draft}.lock`, { recursive: true });
  try {
    await rename(draft, kept);
  } catch (error) {
    // Another test was faster.
    if (!existsSync(kept)) throw error;
    await rm(draft, { recursive: true });
  }
}
