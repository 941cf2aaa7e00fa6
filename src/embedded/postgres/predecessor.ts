import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../../ledger/refusal';
import { answersSignals, isSurelyDead, kernelView } from '../../processes/holder';
import { runProgram } from '../../processes/run-program';
import { readConnection } from './connection';

/** Time for a checkpoint of the whole memory on a slow disk. */
const STOP_MS = 60_000;
/** Time in which the other processes of a killed server notice that and end. */
const LEFTOVERS_MS = 15_000;
const LOOK_MS = 50;

/**
 * Makes sure that no server uses the data directory any more. The caller must hold the directory's lock: a server that lives
 * although no other process holds the lock outlived its parent, and is shut down, because it would end with no other parent.
 * `postmaster.pid` is removed only if no process uses the directory, and another program has its process id now:
 * PostgreSQL itself replaces all other stale ones, and would refuse this one.
 *
 * @throws ArchivistError `LedgerUnavailable` if a server runs that Archivist did not start, or that does not end
 */
export async function endPredecessor(
  directory: string,
  cluster: string,
  report: (line: string) => void,
): Promise<void> {
  const pid = await postmasterIn(cluster);
  const saved = await readConnection(directory);
  // Before the look at the server: one that ends between the two looks is no stranger's.
  const isOurs = saved !== undefined && saved.pid === pid && !(await isSurelyDead(saved));
  if (pid !== undefined && (await isServer(pid, cluster))) {
    // Archivist never sends a signal to a process that it did not start.
    if (!isOurs)
      throw unavailable(
        `Process ${pid} is a PostgreSQL that serves ${cluster} and was not started by Archivist. Stop it first: ` +
          `\`pg_ctl stop -D ${cluster}\`.`,
      );
    report(`stopping the PostgreSQL of ${directory} that outlived its parent (process ${pid}) …`);
    try {
      // Fast shutdown: PostgreSQL disconnects all clients.
      process.kill(pid, 'SIGINT');
    } catch {
      // It has just ended.
    }
    await untilGone(cluster, STOP_MS, async () => ((await isServer(pid, cluster)) ? pid : undefined));
  }
  await untilGone(cluster, LEFTOVERS_MS, () => serverIn(cluster));
  if (pid === undefined || !answersSignals(pid) || (await isServer(pid, cluster))) return;
  if ((await postmasterIn(cluster)) === pid) await rm(path.join(cluster, 'postmaster.pid'), { force: true });
}

/** The process id in the first line of `postmaster.pid`. */
async function postmasterIn(cluster: string): Promise<number | undefined> {
  const content = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(content.split('\n')[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** @param find returns the process id of a remaining process */
async function untilGone(
  cluster: string,
  limitMs: number,
  find: () => Promise<number | undefined>,
): Promise<void> {
  const limit = Date.now() + limitMs;
  for (let pid = await find(); pid !== undefined; pid = await find()) {
    if (Date.now() > limit)
      throw unavailable(
        `Process ${pid} of an earlier PostgreSQL still uses ${cluster} and does not end. Look at what it waits for (a disk?), and start again.`,
      );
    await sleep(LOOK_MS);
  }
}

/** Whether the process is a server of this directory. If in doubt, it counts as one. */
async function isServer(pid: number, cluster: string): Promise<boolean> {
  if (!answersSignals(pid)) return false;
  if (existsSync('/proc/self/stat')) return (await whereabouts(pid, cluster)) !== 'not here';
  const end = await runProgram('ps', ['-o', 'comm=', '-p', String(pid)], { timeoutMs: 10_000 });
  return !end.ran || end.output.includes('postgres');
}

/** Finds a PostgreSQL process that works in this directory, postmaster or other, if the kernel shows them. */
async function serverIn(cluster: string): Promise<number | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => whereabouts(pid, cluster)));
  return pids.find((_, index) => found[index] === 'here');
}

/**
 * Whether a process is a PostgreSQL that works in this directory: a server's working directory is its data directory. In a
 * container, the kernel may hide another user's working directory even from root.
 */
async function whereabouts(pid: number, cluster: string): Promise<'here' | 'not here' | 'unknown'> {
  const view = await kernelView(pid);
  if (view?.name !== 'postgres' || !view.running) return 'not here';
  try {
    const place = await realpath(cluster).catch(() => cluster);
    return (await readlink(`/proc/${pid}/cwd`)) === place ? 'here' : 'not here';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not here' : 'unknown';
  }
}
