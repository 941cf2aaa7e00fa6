import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ArchivistError } from '../../domain/failures';
import { isSurelyDead } from '../../processes/holder';

export const HOST = '127.0.0.1';
export const USER = 'archivist';
const DATABASE = 'postgres';

/** How to reach the server of a directory, while it runs: the file `connection.json`, which only its owner can read. */
const Saved = z.object({
  port: z.int(),
  user: z.string(),
  password: z.string(),
  /** Of the postmaster; see {@link isSurelyDead}. */
  pid: z.int(),
  startedAt: z.string().optional(),
  space: z.string(),
  /** Whether it serves; it starts before that. */
  ready: z.boolean(),
});

export type SavedConnection = z.infer<typeof Saved>;

/** An embedded PostgreSQL that runs. */
export interface EmbeddedConnection {
  readonly url: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
}

/**
 * How to reach the PostgreSQL of a ledger's directory, which another process runs.
 * @throws ArchivistError `LedgerUnavailable` if none runs, or its owner keeps it from this user
 */
export async function connectionOf(directory: string): Promise<EmbeddedConnection> {
  const saved = await readConnection(directory, true);
  if (!saved?.ready || (await isSurelyDead(withStart(saved)))) throw doesNotRun(directory);
  return { url: urlOf(saved), port: saved.port, pid: saved.pid };
}

export function urlOf({ port, user, password }: Pick<SavedConnection, 'port' | 'user' | 'password'>): string {
  // The environment may ask for TLS, which loopback does not need.
  return `postgres://${user}:${password}@${HOST}:${port}/${DATABASE}?sslmode=disable`;
}

/** Undefined if there is none, or it is torn. `strict`: throws if it is another user's. */
export async function readConnection(
  directory: string,
  strict = false,
): Promise<SavedConnection | undefined> {
  try {
    return Saved.parse(JSON.parse(await readFile(fileIn(directory), 'utf8')));
  } catch (error) {
    if (strict && (error as NodeJS.ErrnoException).code === 'EACCES') throw keptFromUs(directory);
    return undefined;
  }
}

export async function saveConnection(directory: string, connection: SavedConnection): Promise<void> {
  const draft = `${fileIn(directory)}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(connection)}\n`, { mode: 0o600 });
  await rename(draft, fileIn(directory));
}

export async function forgetConnection(directory: string): Promise<void> {
  await rm(fileIn(directory), { force: true });
}

export function withStart({ pid, startedAt, space }: SavedConnection) {
  return { pid, space, ...(startedAt !== undefined && { startedAt }) };
}

function fileIn(directory: string): string {
  return path.join(directory, 'connection.json');
}

function doesNotRun(directory: string): ArchivistError {
  return new ArchivistError(
    'LedgerUnavailable',
    `The PostgreSQL of the ledger in ${directory} does not run: start \`archivist up\`, which runs it.`,
  );
}

function keptFromUs(directory: string): ArchivistError {
  return new ArchivistError(
    'LedgerUnavailable',
    `The ledger in ${directory} belongs to another user: run this command as the user who runs \`archivist up\`.`,
  );
}
