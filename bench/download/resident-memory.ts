import { readFile, writeFile } from 'node:fs/promises';

/** Resident memory of this process: VmRSS and VmHWM of proc_pid_status(5), in bytes. `undefined` where there is no `/proc`. */
export async function residentBytes(): Promise<{ readonly now: number; readonly peak: number } | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => undefined);
  if (status === undefined) return undefined;
  const bytesOf = (line: string): number =>
    1024 * Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: bytesOf('VmRSS'), peak: bytesOf('VmHWM') };
}

/** Has the peak counted from now on: `5` in proc_pid_clear_refs(5). */
export async function watchPeak(): Promise<void> {
  await writeFile('/proc/self/clear_refs', '5').catch(() => undefined);
}
