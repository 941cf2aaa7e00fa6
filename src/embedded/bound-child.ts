import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { runProgram } from './run-program';

const TAIL_LINES = 20;

/** A child process that does not outlive this one. */
export interface BoundChild {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** The last lines of its output. */
  tail(): string;
  /** Asks it to end (with `stopSignal`), kills it after `graceMs` (at once where that is 0), and resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

export interface BoundOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Its output is appended here. */
  readonly logFile?: string;
  readonly cwd?: string;
  /** Whose process it is; this process's own user if absent. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  /** The signal that asks it to end; SIGTERM if absent. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
}

/**
 * Starts a program that ends with this process. On Linux the kernel sees to that even when this process is killed with
 * SIGKILL (`setpriv --pdeathsig` of util-linux); elsewhere it is ended when this process exits.
 *
 * Where the kernel sees to it, it is also kept from the terminal's Ctrl-C, so that this process can still use it while
 * it shuts down.
 */
export async function spawnBound(
  file: string,
  args: readonly string[],
  options: BoundOptions,
): Promise<BoundChild> {
  const { stopSignal = 'SIGTERM', account } = options;
  if (options.logFile) await mkdir(path.dirname(options.logFile), { recursive: true });
  const bound = await canBind();
  const binding = ['--pdeathsig', stopSignal.replace('SIG', ''), file];
  const child = spawn(bound ? 'setpriv' : file, bound ? [...binding, ...args] : args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(account && { uid: account.uid, gid: account.gid }),
    detached: bound,
    windowsHide: true,
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = await started(child);
  const output = keepOutput(child, options.logFile);
  const exited = closed.then(output.end);
  const endWithParent = (): void => void child.kill(stopSignal);
  process.once('exit', endWithParent);
  void exited.then(() => process.off('exit', endWithParent));
  return { pid, exited, tail: output.tail, stop };

  async function stop(graceMs: number): Promise<void> {
    if (graceMs > 0) child.kill(stopSignal);
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(kill);
  }
}

async function canBind(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  // BusyBox has a setpriv that cannot do this.
  const end = await runProgram('setpriv', ['--pdeathsig', 'TERM', 'true'], { timeoutMs: 5_000 });
  return end.ran && end.ok;
}

async function started(child: ChildProcess): Promise<{ readonly pid: number }> {
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('A child process started without an id.');
  return { pid: child.pid };
}

interface KeptOutput {
  readonly tail: () => string;
  /** Resolves when all of it is in the log file. */
  readonly end: () => Promise<void>;
}

function keepOutput(child: ChildProcess, logFile: string | undefined): KeptOutput {
  const lines: string[] = [];
  const log = logFile ? createWriteStream(logFile, { flags: 'a', mode: 0o600 }) : undefined;
  // On a full disk the lines are lost, and the program goes on.
  log?.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log?.write(`${line}\n`);
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
    });
  }
  return {
    tail: () => lines.join('\n'),
    end: async () => {
      if (log) await finished(log.end()).catch(() => undefined);
    },
  };
}
