import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The ids of all processes that a process started, and those they started, as of now. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = existsSync('/proc/self/stat') ? parentsByProc() : parentsByPs();
  const below = (parent: number): number[] =>
    parents.filter(([, itsParent]) => itsParent === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** Whether it has not ended yet. One that has, and still waits for its parent to hear of it, is a zombie. */
export function isRunning(pid: number): boolean {
  const stat = statOf(String(pid));
  if (stat !== undefined) return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

type Parentage = readonly [pid: number, parent: number];

/** Field 4 of proc(5) `/proc/[pid]/stat`; the name before it may itself hold spaces and parentheses. */
function parentsByProc(): readonly Parentage[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(name);
      const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return parent === undefined ? [] : [[Number(name), Number(parent)] as const];
    });
}

function statOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function parentsByPs(): readonly Parentage[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}
