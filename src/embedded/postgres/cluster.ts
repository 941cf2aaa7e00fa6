import { randomBytes, randomUUID } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unavailable } from '../../ledger/refusal';
import { runProgram } from '../../processes/run-program';
import type { Account } from './account';
import { programEnvironment, programIn, type Binaries } from './binaries';
import { keepSecret, USER } from './connection';
import { postgresFailure } from './failure';

const DRAFT = '.new-';
const INITDB_MS = 180_000;
const AS_NOBODY = ['--user', '--map-user=65534', '--map-group=65534'];

export function clusterIn(directory: string): string {
  return path.join(directory, 'cluster');
}

/**
 * The major version of the PostgreSQL that created the data directory; undefined if there is none yet.
 * @throws ArchivistError `LedgerUnavailable` if the directory is something else
 */
export async function majorOf(cluster: string): Promise<number | undefined> {
  if (!(await stat(cluster).catch(() => undefined))) return undefined;
  const text = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(() => '');
  const major = /^(\d+)/.exec(text)?.[1];
  if (major !== undefined) return Number(major);
  throw unavailable(
    `${cluster} is no data directory of PostgreSQL: its file PG_VERSION is missing. Restore it from a backup, or remove it.`,
  );
}

/** The password of the server's only user, from a file beside its data directory; created if there is none. */
export async function passwordIn(directory: string): Promise<string> {
  const file = path.join(directory, 'password');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const password = randomBytes(24).toString('hex');
  // A power failure must not leave a cluster without its password: both are synced to the disk.
  await keepSecret(file, password);
  return password;
}

/** A ledger's directory, and what its server needs to run. */
export interface Site {
  readonly directory: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  readonly password: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Creates a data directory: UTF8 and the locale C, whatever the machine's; one user, with a password. It is created under
 * another name and then renamed, so that it appears whole. Remains of a killed process are removed.
 *
 * @param sync whether its files are synced to the disk
 * @throws ArchivistError `LedgerUnavailable`
 */
export async function makeCluster(site: Site, sync: boolean): Promise<void> {
  const { directory, account, password } = site;
  for (const name of await readdir(directory))
    if (name.startsWith(DRAFT)) await rm(path.join(directory, name), { recursive: true, force: true });
  const draft = path.join(directory, `${DRAFT}${randomUUID()}`);
  const passwordFile = path.join(draft, 'password');
  const args = [
    ...[`--pgdata=${clusterIn(draft)}`, `--username=${USER}`, `--pwfile=${passwordFile}`],
    ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--data-checksums'],
    ...(sync ? [] : ['--no-sync']),
  ];
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account) for (const file of [passwordFile, draft]) await chown(file, account.uid, account.gid);
    await initdb(site, args);
    await rename(clusterIn(draft), clusterIn(directory));
    await syncFolder(directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function initdb({ directory, account, binaries, env }: Site, args: readonly string[]): Promise<void> {
  const program = programIn(binaries.folder, 'initdb');
  const options = { account, cwd: '/', env: programEnvironment(env), timeoutMs: INITDB_MS };
  let end = await runProgram(program, args, options);
  // initdb needs a name for its user id, and containers use any id: in a user namespace, the id maps to a user with a name.
  if (end.ran && end.output.includes('could not look up effective user ID')) {
    const named = await runProgram('unshare', [...AS_NOBODY, program, ...args], options);
    if (named.ran && named.ok) end = named;
  }
  if (end.ran && end.ok) return;
  const said = end.ran ? end.output : `initdb ${end.why}`;
  throw postgresFailure('PostgreSQL cannot make the ledger', directory, said);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
