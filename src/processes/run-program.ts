import { execFile } from 'node:child_process';
import { types } from 'node:util';

/** The result of a program: its output, or why it did not run to its end. */
export type ProgramEnd =
  | { readonly ran: true; readonly ok: boolean; readonly output: string }
  | { readonly ran: false; readonly why: string };

export interface RunOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The user of the process; this process's own user if absent. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Runs a program to its end, or kills it after `timeoutMs`. Never throws.
 * `output` is its standard output followed by its standard error.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { timeoutMs, env, cwd, account }: RunOptions,
): Promise<ProgramEnd> {
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: env ?? process.env,
    cwd,
    uid: account?.uid,
    gid: account?.gid,
    maxBuffer: 16 * 1024 * 1024,
    windowsHide: true,
  } as const;
  return new Promise((resolve) => {
    try {
      execFile(file, args, options, (error, stdout, stderr) => {
        if (error?.killed) resolve({ ran: false, why: `gave no answer in ${timeoutMs / 1000} s` });
        else if (typeof error?.code === 'string') resolve({ ran: false, why: meaningOf(error.code) });
        else resolve({ ran: true, ok: !error, output: stdout + stderr });
      });
    } catch (error) {
      // The callback gets some reasons; others (ENOTDIR) are thrown.
      resolve({ ran: false, why: `cannot be executed (${reasonOf(error)})` });
    }
  });
}

function meaningOf(code: string): string {
  if (code === 'ENOENT') return 'is not there';
  if (code === 'EACCES') return 'may not be executed';
  if (code === 'EPERM') return 'may not be executed under another user';
  return `cannot be executed (${code})`;
}

/** The message that says what went wrong. The error of `fetch` has the reason in its cause. */
export function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (types.isNativeError(error.cause)) return reasonOf(error.cause);
  return error.message === '' ? error.name : error.message;
}
