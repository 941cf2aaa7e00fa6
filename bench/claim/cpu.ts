import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second that Linux counts processor time in (USER_HZ). */
const TICKS = 100;

/**
 * Milliseconds of processor time that a process and all its descendants have used, those that have ended included. Linux only.
 * Fields 14 to 17 of proc(5) `/proc/[pid]/stat`: user and system time, of the process and of its children that were waited for.
 */
export function cpuMsOf(pid: number): number {
  const parents = new Map<number, number>();
  const times = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    if (fields === undefined) continue;
    parents.set(Number(name), Number(fields[1]));
    const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
    times.set(
      Number(name),
      (((user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0)) * 1000) / TICKS,
    );
  }
  const below = (parent: number): number =>
    [...parents].reduce((sum, [child, itsParent]) => (itsParent === parent ? sum + of(child) : sum), 0);
  const of = (process: number): number => (times.get(process) ?? 0) + below(process);
  return of(pid);
}

/** Resident memory of one process, in MiB. Linux only. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

/** The fields after the name, which may itself hold spaces and parentheses. */
function statOf(name: string): string[] | undefined {
  try {
    const line = readFileSync(`/proc/${name}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
