import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES, SEARCH_ATTRIBUTES } from '../domain/search-attributes';
import { spawnChild, type Child } from '../processes/child';
import { freePort, isFree } from '../processes/free-port';
import { findTool } from './temporal-tool-finder';
import { TEMPORAL_CLI } from './temporal-tools';

const IP = '127.0.0.1';
const START_MS = 60_000;
const CALL_MS = 5_000;
/** An orderly shutdown takes about a second. */
const STOP_GRACE_MS = 10_000;
/** Attempts to start, if another program takes a port first. */
const STARTS = 3;

export interface DevServerOptions {
  /** The Temporal CLI; searched for if absent. */
  readonly cliPath?: string;
  /** The file of its state; in memory if absent. */
  readonly dbFilename?: string;
  /** Free ports are chosen if absent. */
  readonly port?: number;
  readonly uiPort?: number;
  readonly namespace?: string;
  /** Its output is appended here. */
  readonly logFile?: string;
  readonly ui: boolean;
  readonly report?: (line: string) => void;
}

export interface DevServer extends Child {
  /** `host:port` of its gRPC service. */
  readonly address: string;
  /** Present if it has a UI. */
  readonly uiUrl: string | undefined;
  readonly namespace: string;
}

/**
 * Starts Temporal's dev server as a child process and resolves when it serves the namespace with its search attributes.
 * It does not outlive this process.
 *
 * It listens on more ports than it is given, and chooses those itself. A port that was free when chosen may be taken a moment
 * later; then it is restarted on others.
 *
 * @throws Error with its last output if it ended, or did not serve in time; `HopelessStart` if there is no Temporal CLI.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { report } = options;
  const cli = options.cliPath ?? (await findTool(TEMPORAL_CLI, { ...(report && { report }) }));
  if (options.dbFilename) await mkdir(path.dirname(options.dbFilename), { recursive: true, mode: 0o700 });
  for (let starts = 1; ; starts += 1) {
    try {
      return await startOnce(cli, options);
    } catch (error) {
      const isPortTaken = error instanceof Error && error.message.includes('address already in use');
      if (!isPortTaken || starts === STARTS) throw error;
    }
  }
}

async function startOnce(cli: string, options: DevServerOptions): Promise<DevServer> {
  const { namespace = 'default', dbFilename, logFile } = options;
  const port = await portFor(options.port);
  const uiPort = options.ui ? await portFor(options.uiPort) : undefined;
  const child = await spawnChild(cli, devServerArguments(namespace, port, uiPort, dbFilename), {
    env: cliEnvironment(process.env),
    ...(logFile && { logFile }),
    // With its state in memory, it has nothing to save.
    graceMs: dbFilename ? STOP_GRACE_MS : 0,
  });
  const address = `${IP}:${port}`;
  await serving(child, address, namespace);
  const uiUrl = uiPort === undefined ? undefined : `http://${IP}:${uiPort}`;
  return { ...child, address, namespace, uiUrl };
}

/** Refuses a port that is taken: another dev server may listen there, and would be mistaken for this one. */
async function portFor(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort(IP);
  if (await isFree(IP, wanted)) return wanted;
  throw new Error(`Port ${wanted} on ${IP} is taken; Temporal's dev server cannot listen there.`);
}

/** The server is on this machine: the client must not use a proxy from the environment. */
const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 50,
  'grpc.enable_http_proxy': 0,
};

async function serving(child: Child, address: string, namespace: string): Promise<void> {
  let hasEnded = false as boolean;
  void child.exited.then(() => (hasEnded = true));
  const limit = Date.now() + START_MS;
  const connection = Connection.lazy({ address, channelArgs: CHANNEL, interceptors: [] });
  try {
    for (;;) {
      const checked = check(connection, namespace).catch((error: unknown) => error);
      const why = await Promise.race([checked, child.exited]);
      if (hasEnded) throw new Error(`Temporal's dev server ended before it served:\n${child.tail()}`);
      if (why === undefined) return;
      if (Date.now() > limit)
        throw new Error(`Temporal's dev server does not serve ${address}:\n${child.tail()}`, {
          cause: why,
        });
      await pause(50);
    }
  } catch (error) {
    await child.stop(0);
    throw error;
  } finally {
    await connection.close();
  }
}

/** The server registers the search attributes after it has begun to serve: it would refuse a workflow that starts in between. */
async function check(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in customAttributes));
  if (missing.length > 0) throw new Error(`Not yet registered: ${missing.join(', ')}.`);
}

/**
 * Removes the variables of this project's own clients, which the CLI would read. It looks up its user, and uses `USER` if the
 * machine has no name for that user, as in a container with an arbitrary user id.
 */
function cliEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { USER: 'archivist', HOME: os.tmpdir(), ...Object.fromEntries(others) };
}

/** How `--search-attribute` spells the types. */
const TYPES = { KEYWORD: 'Keyword', DATETIME: 'Datetime' } as const;

/**
 * SQLite uses a write-ahead log, and checkpoints every 40 MB. Its default syncs several files with each change, and
 * starts a fraction of the claims per second. A power failure may lose the last changes; a kill loses none.
 */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=normal', 'wal_autocheckpoint=10000'];

/**
 * The list of workflows may be late, starts may not: a row of that list changes some forty indexes, and
 * SQLite has one writer at a time. Written one after the other, at this rate, these rows leave SQLite to the starts of a burst.
 */
const DYNAMIC_CONFIG = [
  'history.visibilityProcessorSchedulerWorkerCount=1',
  'system.visibilityPersistenceMaxWriteQPS=50',
];

function devServerArguments(
  namespace: string,
  port: number,
  uiPort: number | undefined,
  dbFilename: string | undefined,
): string[] {
  const attributes = SEARCH_ATTRIBUTE_NAMES.map((name) => `${name}=${TYPES[SEARCH_ATTRIBUTES[name]]}`);
  return [
    ...['server', 'start-dev', '--log-level', 'warn', '--namespace', namespace],
    ...['--ip', IP, '--port', String(port)],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFilename ? ['--db-filename', dbFilename, ...repeated('--sqlite-pragma', SQLITE_PRAGMAS)] : []),
    ...repeated('--search-attribute', attributes),
    ...repeated('--dynamic-config-value', DYNAMIC_CONFIG),
  ];
}

function repeated(option: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [option, value]);
}
