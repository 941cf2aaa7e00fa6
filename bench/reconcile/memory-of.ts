import { readFile, writeFile } from 'node:fs/promises';

/** Resident memory of another process, now and at its peak, in bytes: VmRSS and VmHWM of proc_pid_status(5). Linux only. */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (line: string): number =>
    1024 * Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: bytesOf('VmRSS'), peak: bytesOf('VmHWM') };
}

/** Has the peak counted from now on: `5` in proc_pid_clear_refs(5). */
export async function watchPeakOf(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** Seconds of processor time that a process has used: fields 14 and 15 of proc_pid_stat(5), in hundredths. Linux only. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}
