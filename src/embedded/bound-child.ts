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
  /** Asks it to end (SIGTERM), kills it after `graceMs` (at once where that is 0), and resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
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
  options: { readonly env: NodeJS.ProcessEnv; readonly logFile?: string },
): Promise<BoundChild> {
  if (options.logFile) await mkdir(path.dirname(options.logFile), { recursive: true });
  const bound = await canBind();
  const child = spawn(bound ? 'setpriv' : file, bound ? ['--pdeathsig', 'TERM', file, ...args] : args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env,
    detached: bound,
    windowsHide: true,
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = await started(child);
  const output = keepOutput(child, options.logFile);
  const exited = closed.then(output.end);
  const endWithParent = (): void => void child.kill('SIGTERM');
  process.once('exit', endWithParent);
  void exited.then(() => process.off('exit', endWithParent));
  return { pid, exited, tail: output.tail, stop: (graceMs) => stop(child, exited, graceMs) };
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
  const log = logFile ? createWriteStream(logFile, { flags: 'a' }) : undefined;
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
      if (log) await finished(log.end());
    },
  };
}

async function stop(child: ChildProcess, exited: Promise<void>, graceMs: number): Promise<void> {
  if (graceMs > 0) child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(kill);
}
