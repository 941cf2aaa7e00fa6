import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openLog } from './log-file';

const TAIL_LINES = 20;
const USUAL_GRACE_MS = 10_000;

/** A child process that does not outlive this one. */
export interface Child {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason, and all its output was read. */
  readonly exited: Promise<Exit>;
  /** The last lines of its output. */
  tail(): string;
  /** Asks it to end (with `stopSignal`), kills it after its grace period (at once if that is 0), and resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

/** How a process ended: one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Its output is appended here. */
  readonly logFile?: string;
  /** The user of the process; this process's own user if absent. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  /** The signal that asks it to end; SIGTERM if absent. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** Milliseconds that it has to end after it was asked to, unless `stop` overrides them; 10 s if absent. */
  readonly graceMs?: number;
  /** The signal with which the kernel ends it when this process is gone; `stopSignal` if absent. */
  readonly orphanSignal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL';
  /** Whether it is a program of ours that calls `endWithParent`: it then notices on every system that this process is gone. */
  readonly watchesParent?: boolean;
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * Starts a program that ends with this process. On Linux the kernel ends it even if this process is killed with SIGKILL
 * (`setpriv --pdeathsig` of util-linux); elsewhere this process ends it at its exit, unless the program watches for that itself.
 *
 * If its end is certain, it does not get the terminal's Ctrl-C either, so that this process can still use it while it shuts down.
 */
export async function spawnChild(
  file: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<Child> {
  const { stopSignal = 'SIGTERM', account, watchesParent = false } = options;
  if (options.logFile) await mkdir(path.dirname(options.logFile), { recursive: true });
  const bound = await canBind();
  const orphanSignal = (options.orphanSignal ?? stopSignal).replace('SIG', '');
  const child = spawn(bound ? 'setpriv' : file, bound ? ['--pdeathsig', orphanSignal, file, ...args] : args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(watchesParent ? (['ipc'] as const) : [])],
    env: options.env,
    cwd: options.cwd,
    uid: account?.uid,
    gid: account?.gid,
    detached: bound || watchesParent,
    windowsHide: true,
  });
  const closed = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('A child process started without an id.');
  const output = keepOutput(child, options);
  const exited = closed.then((exit) => {
    output.end();
    return exit;
  });
  const endWithThis = (): void => void child.kill(stopSignal);
  process.once('exit', endWithThis);
  void exited.then(() => process.off('exit', endWithThis));
  return { pid: child.pid, exited, tail: output.tail, stop };

  async function stop(graceMs = options.graceMs ?? USUAL_GRACE_MS): Promise<void> {
    if (graceMs > 0) child.kill(stopSignal);
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(kill);
  }
}

/** A program that has said that it is ready, in a line of JSON whose `event` is `ready`. */
export interface ReadyChild extends Child {
  /** All fields of the line. */
  readonly said: Readonly<Record<string, unknown>>;
}

/** Thrown if a start failed and a retry cannot help: wrong usage, a wrong configuration. */
export class HopelessStart extends Error {
  override readonly name = 'HopelessStart';
}

/**
 * Starts a program and waits until it says that it is ready.
 * @param signal when it is aborted before that, the program is stopped
 * @throws Error with its last output; {@link HopelessStart} for the exit codes in `hopeless`
 */
export async function startUntilReady(
  file: string,
  args: readonly string[],
  options: ChildOptions & { readonly startLimitMs: number; readonly hopeless?: readonly number[] },
  signal?: AbortSignal,
): Promise<ReadyChild> {
  let becomeReady: (said: ReadyChild['said']) => void = () => undefined;
  const ready = new Promise<ReadyChild['said']>((resolve) => (becomeReady = resolve));
  const child = await spawnChild(file, args, {
    ...options,
    onLine(line, stream) {
      options.onLine?.(line, stream);
      if (stream === 'stdout' && line.startsWith('{"event":"ready"'))
        becomeReady(JSON.parse(line) as ReadyChild['said']);
    },
  });
  const late = setTimeout(() => void child.stop(0), options.startLimitMs);
  const stop = (): void => void child.stop();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const said = await Promise.race([ready, child.exited.then(() => undefined)]);
  signal?.removeEventListener('abort', stop);
  clearTimeout(late);
  if (said !== undefined) return { ...child, said };
  const end = await child.exited;
  const message = `it ${describeExit(end)} before it was ready:\n${child.tail()}`;
  throw options.hopeless?.includes(end.code ?? -1) ? new HopelessStart(message) : new Error(message);
}

/**
 * Ends this process when the one that started it with `watchesParent` is gone, however that ended. Has no effect in a process
 * that was started otherwise.
 */
export function endWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.exit(1));
  // The listener would keep this process from ending by itself.
  process.channel.unref();
}

let shutdown: Promise<void> | undefined;

/** Resolves when the process is told to stop: by Ctrl-C, or by SIGTERM. A second Ctrl-C ends it at once. */
export function shutdownRequested(): Promise<void> {
  return (shutdown ??= new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  }));
}

/** How a process ended, as the end of a sentence. */
export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was ended by ${signal}`;
}

let binding: Promise<boolean> | undefined;

function canBind(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  // BusyBox has a setpriv that cannot do this.
  return (binding ??= new Promise((resolve) => {
    execFile('setpriv', ['--pdeathsig', 'TERM', 'true'], { timeout: 5_000 }, (error) => resolve(!error));
  }));
}

function keepOutput(child: ChildProcess, { logFile, onLine }: ChildOptions) {
  const lines: string[] = [];
  const log = logFile ? openLog(logFile) : undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log?.add(line);
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
      onLine?.(line, name);
    });
  }
  return { tail: () => lines.join('\n'), end: () => log?.close() };
}
