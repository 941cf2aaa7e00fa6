import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

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

interface Process extends Omit<Running, 'ready'> {
  readonly child: ChildProcess;
}

const alive = new Set<Process>();

/** Runs one command of the build to its end. */
export async function runArchivist(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return (await launch(args, env)).ended;
}

/** Starts a command of the build that stays, with `--json`, and resolves when it says that it is ready. */
export async function startArchivist(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const process = await launch([...args, '--json'], env);
  const ready = await Promise.race([readyLine(process.child), process.ended.then(() => undefined)]);
  if (ready) return { ...process, ready };
  throw new Error(`archivist ${args.join(' ')} ended before it was ready:\n${process.output()}`);
}

/** Kills what tests started and did not stop, each by its own id. For `afterAll`. */
export async function killProcesses(): Promise<void> {
  await Promise.all([...alive].map((process) => process.kill()));
}

async function launch(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Process> {
  requireBuild();
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const ended = once(child, 'close').then(
    ([code, signal]) => ({ code, signal, ...output.streams() }) as Ended,
  );
  await once(child, 'spawn');
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  const launched: Process = {
    child,
    pid: child.pid ?? 0,
    ended,
    output: output.all,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
  keep(launched);
  return launched;
}

/** Remembers it for as long as it runs, so that it does not outlive the tests, however they end. */
function keep(launched: Process): void {
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
  const kept = ['TEMPORAL_CLI_PATH', 'ARCHIVIST_CACHE_DIR'];
  const isSetting = (name: string): boolean => /^(TEMPORAL|ARCHIVIST)_/.test(name) && !kept.includes(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSetting(name)));
}

function collect({ stdout, stderr }: ChildProcess) {
  const said = { stdout: '', stderr: '', all: '' };
  for (const [name, stream] of Object.entries({ stdout, stderr })) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said[name as 'stdout' | 'stderr'] += text;
      said.all += text;
    });
  }
  return { all: () => said.all, streams: () => ({ stdout: said.stdout, stderr: said.stderr }) };
}

async function readyLine(child: ChildProcess): Promise<Running['ready'] | undefined> {
  if (!child.stdout) return undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"event":"ready"')) continue;
    return JSON.parse(line) as Running['ready'];
  }
  return undefined;
}
