import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../src/embedded/postgres';
import { temporaryFolder } from '../../src/embedded/postgres/account';
import type { Columns } from '../../src/ledger/postgres';
import { matching } from '../simulator/matchers';
import { isRunning } from '../support/descendants';
import { TEST_SETTINGS } from '../support/postgres';

export const isRoot = process.getuid?.() === 0;

/** What a test started in a process of its own. */
export interface OtherProcess {
  readonly child: ChildProcess;
  /** Of the postmaster. */
  readonly pid: number;
  readonly url: string;
  /** The last number that was acknowledged, once its output has ended. */
  acknowledged(): number;
}

/** Folders, servers and processes of tests, and their end. */
export class Fixture {
  readonly #folders: string[] = [];
  readonly #servers: EmbeddedPostgres[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #postmasters: number[] = [];
  #made: Promise<string> | undefined;

  /** A folder that PostgreSQL's user may enter. */
  async folder(): Promise<string> {
    const folder = await temporaryFolder('archivist-embedded-');
    this.#folders.push(folder);
    return folder;
  }

  /** Has a folder removed that the test did not get from here. */
  adopt(folder: string): void {
    this.#folders.push(folder);
  }

  /** The directory of a ledger that was made and stopped: a copy of one, since making it takes seconds. */
  async madeLedger(): Promise<string> {
    const made = await (this.#made ??= this.#make());
    const copy = path.join(await this.folder(), 'ledger');
    await promisify(execFile)('cp', ['-a', made, copy]);
    return copy;
  }

  /** Without fsync unless `settings` are given: only a test of fsync itself would show the difference. */
  async start(directory: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ directory, settings: TEST_SETTINGS, ...options });
    this.#servers.push(server);
    return server;
  }

  /** Runs `postgres-process.ts`, and resolves when its server serves. @throws Error with what it said */
  async startElsewhere(
    [directory, npmPackage = '']: readonly [string, string?],
    options: { readonly env?: NodeJS.ProcessEnv; readonly uid?: number; readonly gid?: number } = {},
  ): Promise<OtherProcess> {
    const script = path.join(__dirname, 'postgres-process.ts');
    const tsx = require.resolve('tsx/cjs');
    const child = spawn(process.execPath, ['-r', tsx, script, directory, npmPackage], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    this.#children.push(child);
    const said = text(child.stderr);
    let acknowledged = -1;
    const first = await new Promise<string | undefined>((resolve) => {
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        if (line.startsWith('{')) resolve(line);
        else acknowledged = Number(line);
      });
      lines.on('close', () => resolve(undefined));
    });
    if (first === undefined) throw new Error(await said);
    const { pid, url } = JSON.parse(first) as { pid: number; url: string };
    this.#postmasters.push(pid);
    return { child, pid, url, acknowledged: () => acknowledged };
  }

  /** Ends what one test has started. */
  async clear(): Promise<void> {
    for (const child of this.#children.splice(0)) await kill(child);
    for (const pid of this.#postmasters.splice(0)) await stopOrphan(pid);
    for (const server of this.#servers.splice(0)) await server.stop();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.clear();
    const made = await this.#made;
    if (made !== undefined) await rm(path.dirname(made), { recursive: true, force: true });
  }

  async #make(): Promise<string> {
    const directory = path.join(await temporaryFolder('archivist-embedded-'), 'ledger');
    const server = await startEmbeddedPostgres({ directory, settings: TEST_SETTINGS });
    await server.stop();
    return directory;
  }
}

/** A server goes on for a moment after its parent; where no kernel sees to it, for ever. */
async function stopOrphan(pid: number): Promise<void> {
  if (isRunning(pid)) process.kill(pid, 'SIGINT');
  await until(() => !isRunning(pid));
}

/** The error of a server that does not start. */
export function failing(message: RegExp): unknown {
  return expect.objectContaining({ type: 'LedgerUnavailable', message: matching(message) }) as unknown;
}

export async function ask(url: string, statement: string): Promise<Columns[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Columns>(statement)).rows;
  } finally {
    await client.end();
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error('It did not come to that.');
    await pause(20);
  }
}

/** Kills it with SIGKILL, and resolves when it is gone and all that it said was read. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'exit');
  child.kill('SIGKILL');
  await closed;
}
