import { existsSync } from 'node:fs';
import path from 'node:path';
import { spawnChild } from '../../../src/processes/child';
import { runProgram } from '../../../src/processes/run-program';
import type { RunningProcess } from './service';

const ROOT = path.join(__dirname, '..', '..', '..');
const BIN = path.join(ROOT, 'bin', 'archivist.js');
const LONGEST_COMMAND_MS = 60_000;

/** What the processes of an installation have in common. */
export interface Installation {
  readonly folder: string;
  readonly config: string;
  /** `host:port` of Temporal. */
  readonly temporal: string;
}

/** @throws where the build is missing, as it is what runs here */
export function requireBuild(): void {
  if (!existsSync(path.join(ROOT, 'dist', 'cli', 'main.js')))
    throw new Error('There is no dist/, and chaos runs the build: call `npm run build` first.');
}

/** Starts a command of the build that stays; its output goes to the log of that name. */
export async function startArchivist(
  installation: Installation,
  log: string,
  ...args: readonly string[]
): Promise<RunningProcess> {
  return await spawnChild(process.execPath, [BIN, ...args, '--json'], {
    env: environment(installation),
    logFile: path.join(installation.folder, 'logs', `${log}.log`),
  });
}

/** How a command ended. */
export interface Ended {
  readonly ok: boolean;
  /** What it printed, or why it did not end by itself. */
  readonly output: string;
}

/** Runs a command of the build to its end. */
export async function runArchivist(installation: Installation, ...args: readonly string[]): Promise<Ended> {
  const env = environment(installation);
  const end = await runProgram(process.execPath, [BIN, ...args], { timeoutMs: LONGEST_COMMAND_MS, env });
  return end.ran ? end : { ok: false, output: end.why };
}

/** What a person has set for his own Archivist and Temporal must not reach these. */
function environment({ folder, config, temporal }: Installation): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL|ARCHIVIST)_/.test(name));
  return {
    ...Object.fromEntries(own),
    ARCHIVIST_CONFIG: config,
    TEMPORAL_ADDRESS: temporal,
    TEMPORAL_CONFIG_FILE: path.join(folder, 'temporal.toml'),
  };
}
