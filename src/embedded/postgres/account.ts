import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { unavailable } from '../../ledger/refusal';
import { runProgram } from '../../processes/run-program';

/** A user of the operating system that PostgreSQL runs as instead of this process's own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/**
 * The user as whom the server of a data directory must run; undefined for this process's own. PostgreSQL refuses to run as root,
 * and to open a directory that belongs to another user. For root, that is the owner of `cluster`; for a new cluster the user
 * `postgres`, otherwise `nobody`.
 *
 * @throws ArchivistError `LedgerUnavailable` if this process cannot run a server for that directory
 */
export async function accountFor(cluster: string): Promise<Account | undefined> {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  const owner = await ownerOf(cluster);
  if (own !== 0) {
    if (owner === undefined || owner.uid === own) return undefined;
    throw unavailable(
      `The ledger in ${cluster} belongs to another user (uid ${owner.uid}; this process has ${own}). Run archivist as that user, ` +
        'or give the ledger a folder of its own.',
    );
  }
  if (owner?.uid === 0)
    throw unavailable(
      `The ledger in ${cluster} belongs to root, and PostgreSQL refuses to run as root. Give it back to the user that made it: ` +
        `\`chown -R USER ${cluster}\`.`,
    );
  const account = owner ?? (await named('postgres')) ?? (await named('nobody'));
  if (account !== undefined) return account;
  throw unavailable(
    'PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` that it could run as. Run archivist as another user.',
  );
}

/**
 * Creates `directory` if it does not exist. If this process is root, other users may enter every new folder, so that the server's
 * user reaches its data directory, which only that user can read; existing folders keep their permissions.
 */
export async function makeFolder(directory: string, account: Account | undefined): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined || account === undefined) return;
  for (let folder = directory; folder.startsWith(first); folder = path.dirname(folder))
    await chmod(folder, 0o711);
}

/**
 * The first folder on the path to `directory` that the account may not enter; undefined if it may enter all. The account itself
 * tries, so that access control lists count. Folders that do not exist yet count as open.
 *
 * @throws ArchivistError `LedgerUnavailable` if no program can be run as that account
 */
export async function closedFolder(
  directory: string,
  account: Account | undefined,
): Promise<string | undefined> {
  if (account === undefined) return undefined;
  const script = 'for folder; do test ! -e "$folder" || test -x "$folder" || { echo "$folder"; exit; }; done';
  const options = { account, cwd: '/', timeoutMs: 10_000 };
  const end = await runProgram('/bin/sh', ['-c', script, 'sh', ...waysTo(directory)], options);
  if (end.ran) return end.output.trim() || undefined;
  throw unavailable(
    `PostgreSQL refuses to run as root, and this process cannot run it as the user ${account.name}: /bin/sh ${end.why}. Run archivist as ` +
      'another user than root.',
  );
}

/**
 * Creates a temporary folder that the user of a new server may enter; `prefix` begins its name. For a root process, TMPDIR may be
 * closed to that user.
 *
 * @throws ArchivistError `LedgerUnavailable`
 */
export async function temporaryFolder(prefix: string): Promise<string> {
  for (const place of new Set([os.tmpdir(), '/var/tmp', '/tmp'])) {
    const folder = await mkdtemp(path.join(place, prefix)).catch(() => undefined);
    if (folder === undefined) continue;
    const account = await accountFor(path.join(folder, 'cluster'));
    if (account !== undefined) await chmod(folder, 0o711);
    if ((await closedFolder(folder, account)) === undefined) return folder;
    await rm(folder, { recursive: true });
  }
  throw unavailable(
    'There is no temporary folder for PostgreSQL: set TMPDIR to one that every user may enter.',
  );
}

/** Every folder from the root down to this one. */
function waysTo(directory: string): string[] {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [...waysTo(parent), directory];
}

async function ownerOf(file: string): Promise<Account | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && { uid: found.uid, gid: found.gid, name: `${found.uid}` };
}

async function named(name: string): Promise<Account | undefined> {
  const end = await runProgram('id', [name], { timeoutMs: 10_000 });
  const [, uid, gid] = /^uid=(\d+)\S* gid=(\d+)/.exec(end.ran ? end.output : '') ?? [];
  return gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid), name };
}
