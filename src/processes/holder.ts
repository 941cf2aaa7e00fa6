import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** How often a holder gives a sign of life, where it may be one that cannot be seen. */
export const SIGN_OF_LIFE_MS = 5_000;
/** A holder that cannot be seen and gave no sign for so long is taken for dead. */
const SILENCE_MS = 20_000;

/** What tells a process from every other one, also from a later one with the same id. Written to files, too. */
export const ProcessMark = z.object({
  pid: z.int(),
  /** When it was started, in the kernel's ticks. Only on Linux. */
  startedAt: z.string().exactOptional(),
  /** What its id is unique in: one boot of one machine and, in containers, one of its pid namespaces. */
  space: z.string(),
});
export type ProcessMark = Readonly<z.infer<typeof ProcessMark>>;

/** A process that holds, or held, something that only one may have at a time. */
export interface Holder extends ProcessMark {
  /** For people. */
  readonly host: string;
  readonly lastSignMs: number;
}

let ownMark: Promise<ProcessMark> | undefined;

export async function thisProcess(): Promise<Holder> {
  ownMark ??= processHere(process.pid);
  return { ...(await ownMark), host: hostname(), lastSignMs: Date.now() };
}

export async function processHere(pid: number): Promise<ProcessMark> {
  const startedAt = (await kernelView(pid))?.startedAt;
  return { pid, space: await thisSpace(), ...(startedAt !== undefined && { startedAt }) };
}

/** Whether the holder runs, or may run. */
export async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.space !== (await thisSpace())) return Date.now() - holder.lastSignMs < SILENCE_MS;
  return await runsHere(holder);
}

/** Whether a process has ended beyond doubt: silence proves nothing, as a process that stood still may go on. */
export async function isSurelyDead(process: ProcessMark): Promise<boolean> {
  return process.space === (await thisSpace()) && !(await runsHere(process));
}

let boot: Promise<string> | undefined;
let space: Promise<string> | undefined;

/** Names one boot of one machine: what the operating system has taken is still there as long as it lasts. */
export async function thisBoot(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  return await boot;
}

async function thisSpace(): Promise<string> {
  space ??= readlink('/proc/self/ns/pid').catch(() => hostname());
  return `${await thisBoot()} ${await space}`.trim();
}

async function runsHere({ pid, startedAt }: Pick<ProcessMark, 'pid' | 'startedAt'>): Promise<boolean> {
  const view = await kernelView(pid);
  if (view === undefined) return answersSignals(pid);
  return view.running && view.startedAt === startedAt;
}

/** Fields 2, 3 and 22 of proc(5) `/proc/[pid]/stat`; the name may itself hold spaces and parentheses. */
export async function kernelView(pid: number) {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, state = '', rest = ''] = /^\d+ \((.*)\) (\S) (.*)$/s.exec(line) ?? [];
  const startedAt = rest.split(' ')[18];
  if (startedAt === undefined) return undefined;
  // A zombie has ended already; it only waits for its parent.
  return { name, startedAt, running: !['Z', 'X'].includes(state) };
}

/** Whether there is such a process, whosoever it is. */
export function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
