import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArchivistError } from '../../domain/failures';
import { isSurelyDead } from '../../processes/holder';
import { runProgram } from '../../processes/run-program';
import { readConnection, withStart } from './connection';

/** A checkpoint of all that is in memory, on a slow disk. */
const STOP_MS = 60_000;
/** The other processes of a server that was killed end by themselves as soon as they notice. */
const LEFTOVERS_MS = 15_000;
const LOOK_MS = 50;

/**
 * Makes sure that no server uses the data directory any more. Only for who holds the directory's lock: a server that lives
 * although nobody holds it outlived its parent, and is stopped in good order, since it would end with no other parent.
 * `postmaster.pid` is removed only if no process uses the directory, and its process id is in use again by something else:
 * PostgreSQL itself replaces all other stale ones, and would refuse this one.
 *
 * @throws ArchivistError `LedgerUnavailable` if a server lives that Archivist did not start, or that does not end
 */
export async function endPredecessor(
  directory: string,
  cluster: string,
  report: (line: string) => void,
): Promise<void> {
  const pid = await postmasterIn(cluster);
  if (pid !== undefined && (await isServer(pid, cluster))) {
    if (!(await isOurs(directory, pid))) throw notOurs(cluster, pid);
    report(`stopping the PostgreSQL of ${directory} that outlived its parent (process ${pid}) …`);
    await stopServer(pid, cluster);
  }
  await untilLeft(cluster);
  if (pid === undefined || !isAnyProcess(pid) || (await isServer(pid, cluster))) return;
  if ((await postmasterIn(cluster)) === pid) await rm(path.join(cluster, 'postmaster.pid'), { force: true });
}

/** Whether this very process was started by Archivist: no other one is ever sent a signal. */
async function isOurs(directory: string, pid: number): Promise<boolean> {
  const saved = await readConnection(directory);
  return saved?.pid === pid && !(await isSurelyDead(withStart(saved)));
}

/** The process id in the first line of `postmaster.pid`. */
async function postmasterIn(cluster: string): Promise<number | undefined> {
  const content = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(content.split('\n')[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

async function stopServer(pid: number, cluster: string): Promise<void> {
  const limit = Date.now() + STOP_MS;
  try {
    // Fast shutdown: whoever is connected is cut off.
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') throw notOurs(cluster, pid);
  }
  while (await isServer(pid, cluster)) {
    if (Date.now() > limit) throw doesNotEnd(cluster, pid);
    await sleep(LOOK_MS);
  }
}

async function untilLeft(cluster: string): Promise<void> {
  const limit = Date.now() + LEFTOVERS_MS;
  for (;;) {
    const left = await serverIn(cluster);
    if (left === undefined) return;
    if (Date.now() > limit) throw doesNotEnd(cluster, left);
    await sleep(LOOK_MS);
  }
}

/** Whether the process is a server of this directory. When in doubt it is one. */
async function isServer(pid: number, cluster: string): Promise<boolean> {
  if (!isAnyProcess(pid)) return false;
  if (await hasProc()) return (await whereabouts(pid, await placeOf(cluster))) !== 'not here';
  const end = await runProgram('ps', ['-o', 'comm=', '-p', String(pid)], { timeoutMs: 10_000 });
  return !end.ran || end.output.includes('postgres');
}

/** A process of PostgreSQL that works in this directory, its postmaster or another one, where the kernel shows them. */
async function serverIn(cluster: string): Promise<number | undefined> {
  if (!(await hasProc())) return undefined;
  const place = await placeOf(cluster);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => whereabouts(pid, place)));
  return pids.find((_, index) => found[index] === 'here');
}

async function hasProc(): Promise<boolean> {
  return (await readFile('/proc/self/stat').catch(() => undefined)) !== undefined;
}

/** A server keeps its data directory as its working directory. */
async function placeOf(cluster: string): Promise<string> {
  return await realpath(cluster).catch(() => cluster);
}

/**
 * Whether a process is one of PostgreSQL that works in this directory. In a container, the kernel may keep even root from seeing where
 * another user's process works.
 */
async function whereabouts(pid: number, place: string): Promise<'here' | 'not here' | 'unknown'> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields 2 and 3 of proc(5): its name, and its state. A zombie has ended already.
  if (!/^\d+ \(postgres\) [^ZX]/.test(stat)) return 'not here';
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === place ? 'here' : 'not here';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not here' : 'unknown';
  }
}

function isAnyProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function notOurs(cluster: string, pid: number): ArchivistError {
  return new ArchivistError(
    'LedgerUnavailable',
    `Process ${pid} is a PostgreSQL that serves ${cluster} and was not started by Archivist. Stop it first: ` +
      `\`pg_ctl stop -D ${cluster}\`.`,
  );
}

function doesNotEnd(cluster: string, pid: number): ArchivistError {
  return new ArchivistError(
    'LedgerUnavailable',
    `Process ${pid} of an earlier PostgreSQL still uses ${cluster} and does not end. Look at what it waits for (a disk?), and start again.`,
  );
}
