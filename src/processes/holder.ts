import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Milliseconds between a holder's signs of life, for processes that cannot see it. */
export const SIGN_OF_LIFE_MS = 5_000;
/** A holder that cannot be seen and gave no sign of life for this long counts as dead. */
const SILENCE_MS = 20_000;

/** Identifies a process, and distinguishes it from a later one with the same id. Also written to files. */
export const ProcessMark = z.object({
  pid: z.int(),
  /** When it was started, in the kernel's ticks. Only on Linux. */
  startedAt: z.string().exactOptional(),
  /** The scope in which its id is unique: one boot of one machine and, in containers, one of its pid namespaces. */
  space: z.string(),
});
export type ProcessMark = Readonly<z.infer<typeof ProcessMark>>;

/** A process that holds, or held, something that only one may have at a time. */
export interface Holder extends ProcessMark {
  /** The host's name, for messages. */
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

/** Whether the holder runs, or may still run. */
export async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.space !== (await thisSpace())) return Date.now() - holder.lastSignMs < SILENCE_MS;
  return await runsHere(holder);
}

/** Whether a process has certainly ended. Silence proves nothing, because a paused process may go on. */
export async function isSurelyDead(process: ProcessMark): Promise<boolean> {
  return process.space === (await thisSpace()) && !(await runsHere(process));
}

let boot: Promise<string> | undefined;
let space: Promise<string> | undefined;

/** Identifies one boot of one machine: what was written to the operating system is there until the next boot. */
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
  // A zombie has already ended and only waits for its parent.
  return { name, startedAt, running: !['Z', 'X'].includes(state) };
}

/** Whether such a process exists, whoever owns it. */
export function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
