import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const BIN = path.join(ROOT, 'bin', 'archivist.js');

/** How a process ended, and all that it said. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that said it is ready. */
export interface Running {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly ended: Promise<Ended>;
  /** All that it said so far, on both streams. */
  output(): string;
  /** Kills it with SIGKILL, and resolves when it is gone. */
  kill(): Promise<Ended>;
  /** Asks it to end, with SIGTERM, and resolves when it is gone. */
  stop(): Promise<Ended>;
}

interface Launched extends Omit<Running, 'ready'> {
  readonly child: ChildProcess;
  readonly ready: Promise<Running['ready']>;
}

const alive = new Set<Launched>();

/** Runs one command of the build to its end. */
export async function runArchivist(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return (await launchArchivist(args, env)).ended;
}

/** Starts one command of the build, and does not wait for anything that it does. Its output is read unless `stdio` says else. */
export async function launchArchivist(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stdio?: StdioOptions,
): Promise<Omit<Running, 'ready'>> {
  return await launch(args, env, stdio);
}

/** Starts a command of the build that stays, with `--json`, and resolves when it says that it is ready. */
export async function startArchivist(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const launched = await launch([...args, '--json'], env);
  const ready = await Promise.race([launched.ready, launched.ended.then(() => undefined)]);
  if (ready) return { ...launched, ready };
  throw new Error(`archivist ${args.join(' ')} ended before it was ready:\n${launched.output()}`);
}

/** Kills what tests started and did not stop, each by its own id. For `afterAll`. */
export async function killProcesses(): Promise<void> {
  await Promise.all([...alive].map((launched) => launched.kill()));
}

async function launch(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): Promise<Launched> {
  requireBuild();
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...withoutSettings(process.env), ...env },
    stdio,
  });
  const output = new Output(child);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: output.stdout, stderr: output.stderr });
    });
  });
  await once(child, 'spawn');
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  const launched: Launched = {
    child,
    pid: child.pid ?? 0,
    ended,
    ready: output.ready,
    output: () => output.all,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
  keep(launched);
  return launched;
}

/** Remembers it for as long as it runs, so that it does not outlive the tests, however they end. */
function keep(launched: Launched): void {
  const killAtExit = (): void => void launched.child.kill('SIGKILL');
  alive.add(launched);
  process.once('exit', killAtExit);
  void launched.ended.then(() => {
    alive.delete(launched);
    process.off('exit', killAtExit);
  });
}

function requireBuild(): void {
  if (existsSync(path.join(ROOT, 'dist', 'cli', 'main.js'))) return;
  throw new Error('There is no dist/. End-to-end tests run the build: call `npm run build` first.');
}

/** What a person has set for his own Archivist and Temporal must not reach that of a test. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['TEMPORAL_CLI_PATH', 'ARCHIVIST_CACHE_DIR', 'ARCHIVIST_POSTGRES_BIN'];
  const isSetting = (name: string): boolean => /^(TEMPORAL|ARCHIVIST)_/.test(name) && !kept.includes(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSetting(name)));
}

/** Everything that a process says. */
class Output {
  stdout = '';
  stderr = '';
  /** Both, as they came. */
  all = '';
  /** Resolves with the line that says that it is ready. */
  readonly ready: Promise<Running['ready']>;

  constructor({ stdout, stderr }: ChildProcess) {
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.all += text;
    });
    this.ready = new Promise((resolve) => {
      stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.stdout += text;
        this.all += text;
        const line = /^\{"event":"ready".*\}$/m.exec(this.stdout)?.[0];
        if (line !== undefined) resolve(JSON.parse(line) as Running['ready']);
      });
    });
  }
}
