import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { unavailable } from '../../ledger/refusal';
import { isSurelyDead, ProcessMark } from '../../processes/holder';

export const HOST = '127.0.0.1';
export const USER = 'archivist';

/** The connection to a directory's server while it runs: the file `connection.json`, which only its owner can read. */
const Saved = z.object({
  /** The postmaster's process. */
  ...ProcessMark.shape,
  port: z.int(),
  password: z.string(),
  /** Whether it serves; before that it is starting. */
  ready: z.boolean(),
});

type SavedConnection = z.infer<typeof Saved>;

/**
 * Returns the URL of a ledger directory's PostgreSQL, which another process runs.
 * @throws ArchivistError `LedgerUnavailable` if none runs, or this user may not read its connection
 */
export async function connectionOf(directory: string): Promise<{ readonly url: string }> {
  const saved = await readConnection(directory, true);
  if (saved?.ready && !(await isSurelyDead(saved))) return { url: urlOf(saved.port, saved.password) };
  throw unavailable(
    `The PostgreSQL of the ledger in ${directory} does not run: start \`archivist up\`, which runs it.`,
  );
}

export function urlOf(port: number, password: string): string {
  // The environment may request TLS, which loopback does not need.
  return `postgres://${USER}:${password}@${HOST}:${port}/postgres?sslmode=disable`;
}

/** Undefined if there is no file, or it is torn. `strict`: throws if it is another user's. */
export async function readConnection(
  directory: string,
  strict = false,
): Promise<SavedConnection | undefined> {
  try {
    return Saved.parse(JSON.parse(await readFile(fileIn(directory), 'utf8')));
  } catch (error) {
    if (!strict || (error as NodeJS.ErrnoException).code !== 'EACCES') return undefined;
    throw unavailable(
      `The ledger in ${directory} belongs to another user: run this command as the user who runs \`archivist up\`.`,
    );
  }
}

export async function saveConnection(directory: string, connection: SavedConnection): Promise<void> {
  await keepSecret(fileIn(directory), JSON.stringify(connection));
}

/** Writes one line into a file that only its owner can read, atomically and durably. */
export async function keepSecret(file: string, line: string): Promise<void> {
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${line}\n`, { mode: 0o600, flush: true });
  await rename(draft, file);
}

export async function forgetConnection(directory: string): Promise<void> {
  await rm(fileIn(directory), { force: true });
}

function fileIn(directory: string): string {
  return path.join(directory, 'connection.json');
}
