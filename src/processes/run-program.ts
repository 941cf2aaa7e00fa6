import { execFile, type ExecFileOptionsWithStringEncoding } from 'node:child_process';
import { reasonOf } from './reason-of';

/** How a program ended: what it printed, or why it never ran. */
export type ProgramEnd =
  | { readonly ran: true; readonly ok: boolean; readonly output: string }
  | { readonly ran: false; readonly why: string };

export interface RunOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whose process it is; this process's own user if absent. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Runs a program to its end, or kills it after `timeoutMs`. Never throws.
 * `output` is its standard output followed by its standard error.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    try {
      execFile(file, args, settings(options), (error, stdout, stderr) => {
        if (error?.killed) resolve({ ran: false, why: `gave no answer in ${options.timeoutMs / 1000} s` });
        else if (typeof error?.code === 'string') resolve({ ran: false, why: meaningOf(error.code) });
        else resolve({ ran: true, ok: !error, output: stdout + stderr });
      });
    } catch (error) {
      // Some reasons are told by the callback, others (ENOTDIR) are thrown.
      resolve({ ran: false, why: `cannot be executed (${reasonOf(error)})` });
    }
  });
}

function settings({ timeoutMs, env, cwd, account }: RunOptions): ExecFileOptionsWithStringEncoding {
  return {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: env ?? process.env,
    ...(cwd !== undefined && { cwd }),
    ...(account && { uid: account.uid, gid: account.gid }),
    maxBuffer: 16 * 1024 * 1024,
    windowsHide: true,
    encoding: 'utf8',
  };
}

function meaningOf(code: string): string {
  if (code === 'ENOENT') return 'is not there';
  if (code === 'EACCES') return 'may not be executed';
  if (code === 'EPERM') return 'may not be executed under another user';
  return `cannot be executed (${code})`;
}
