import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ArchivistError } from '../domain/failures';
import type { Columns, Database } from '../ledger/database';
import { lockDirectory, type DirectoryLock } from './pglite-lock';

/**
 * Opens the PGlite database in `directory`, and makes it where there is none. One process at a time: the lock lies beside
 * the directory. What was acknowledged outlives the process, however it ends; it is not forced to the disk, so that a
 * power failure may take it.
 *
 * @throws ArchivistError `LedgerUnavailable` where another process, or this one, has it open already
 */
export async function openPglite(directory: string): Promise<Database> {
  const place = path.resolve(directory);
  const lock = await lockDirectory(place);
  try {
    const pglite = await start(place);
    return databaseOf(pglite, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function start(directory: string) {
  // Records are personal data: the directory is the owner's alone.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Loaded here, so that a process on PostgreSQL never loads the WebAssembly.
  const { PGlite } = await import('@electric-sql/pglite');
  try {
    return await PGlite.create(directory, { relaxedDurability: false });
  } catch {
    throw new ArchivistError(
      'LedgerUnavailable',
      `PGlite could not open the ledger in ${directory}: it is damaged, of another version, or cannot be written.`,
    );
  }
}

function databaseOf(pglite: Awaited<ReturnType<typeof start>>, lock: DirectoryLock): Database {
  let closed: Promise<void> | undefined;
  return {
    async query(text, parameters = []) {
      const { rows } = await pglite.query<Columns>(text, [...parameters]);
      return rows;
    },
    exclusively: (work) =>
      pglite.transaction((transaction) =>
        work({
          async run(script) {
            const results = await transaction.exec(script);
            return results.at(-1)?.rows ?? [];
          },
        }),
      ),
    close: () => (closed ??= pglite.close().finally(() => lock.release())),
  };
}
