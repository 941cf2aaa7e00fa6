import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const MAIN = `require('./src/cli/main').main(['node', 'archivist', ...process.argv.slice(1)]);`;

/** A process of the sources, which a test may give streams of its own. */
export interface SourceProcess {
  readonly child: ChildProcess;
  /** The exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts a command, as a person does. */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv, stdio?: StdioOptions) {
  return startScript(MAIN, stdio, args, env);
}

/** Runs a script that may require modules of `src`. */
export function startScript(
  script: string,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): SourceProcess {
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', '-e', script, '--', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio,
  });
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
}
