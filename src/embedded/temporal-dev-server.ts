import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes';
import { spawnChild, type Child, type Exit } from '../processes/child';
import { freePort, isFree } from '../processes/free-port';
import { devServerArguments, type SearchAttributeType } from './temporal-dev-server-arguments';
import { untilServing } from './temporal-dev-server-ready';
import { findTool } from './temporal-tool-finder';
import { TEMPORAL_CLI } from './temporal-tools';

/** It takes about a second to end in good order. */
const STOP_GRACE_MS = 10_000;
/** How often it is started, where another program takes a port before it does. */
const STARTS = 3;

export interface DevServerOptions {
  /** The Temporal CLI; searched for where it is not given. */
  readonly cliPath?: string;
  /** Where it keeps its state. In memory where it is not given. */
  readonly dbFilename?: string;
  /** Free ones are chosen where they are not given. */
  readonly port?: number;
  readonly uiPort?: number;
  readonly ip?: string;
  readonly namespace?: string;
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  /** Its output is appended here. */
  readonly logFile?: string;
  readonly ui: boolean;
  readonly report?: (line: string) => void;
}

export interface DevServer {
  /** `host:port` of its gRPC service. */
  readonly address: string;
  /** Present where it has a UI. */
  readonly uiUrl?: string;
  readonly namespace: string;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** Its last lines of output. */
  tail(): string;
  /** Ends it, and resolves when it is gone. */
  close(): Promise<void>;
}

/** Thrown when the dev server ended, or did not serve in time, instead of starting. The message has its last output. */
export class DevServerError extends Error {
  override readonly name = 'DevServerError';
}

/** Thrown when it ended because a port that was free when it was chosen is not any more. */
class PortTakenMeanwhile extends DevServerError {}

/**
 * Starts Temporal's dev server as a child process and resolves when it serves the namespace with its search attributes.
 * It does not outlive this process.
 *
 * It listens on more ports than it is told of, and chooses these itself. Any that was free when it was chosen may be taken a moment
 * later; then it is started again, on others.
 *
 * @throws {@link DevServerError} when it does not start; `ToolNotFoundError` where there is no Temporal CLI.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { ip = '127.0.0.1', namespace = 'default', searchAttributes = SEARCH_ATTRIBUTES } = options;
  const cli = options.cliPath ?? (await findTool(TEMPORAL_CLI, reporting(options)));
  if (options.dbFilename) await mkdir(path.dirname(options.dbFilename), { recursive: true, mode: 0o700 });
  for (let starts = 1; ; starts += 1) {
    try {
      return await startOnce(cli, { ...options, ip, namespace, searchAttributes });
    } catch (error) {
      if (!(error instanceof PortTakenMeanwhile) || starts === STARTS) throw error;
    }
  }
}

type Start = DevServerOptions & Required<Pick<DevServerOptions, 'ip' | 'namespace' | 'searchAttributes'>>;

async function startOnce(cli: string, options: Start): Promise<DevServer> {
  const { ip, namespace, searchAttributes } = options;
  const port = await portFor(ip, options.port);
  const uiPort = options.ui ? await portFor(ip, options.uiPort) : undefined;
  const args = devServerArguments({ ...options, port, uiPort });
  const child = await spawnChild(cli, args, {
    env: cliEnvironment(process.env),
    ...(options.logFile && { logFile: options.logFile }),
  });
  const address = `${ip}:${port}`;
  await serving(child, { address, namespace, searchAttributes: Object.keys(searchAttributes) });
  return {
    address,
    ...(uiPort !== undefined && { uiUrl: `http://${ip}:${uiPort}` }),
    namespace,
    pid: child.pid,
    exited: child.exited,
    tail: () => child.tail(),
    // In memory, there is nothing to end in good order for.
    close: () => child.stop(options.dbFilename ? STOP_GRACE_MS : 0),
  };
}

/** A port that is taken is refused here: what listens there may be another dev server, and be mistaken for this one. */
async function portFor(ip: string, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort(ip);
  if (await isFree(ip, wanted)) return wanted;
  throw new DevServerError(`Port ${wanted} on ${ip} is taken; Temporal's dev server cannot listen there.`);
}

async function serving(child: Child, what: Parameters<typeof untilServing>[0]): Promise<void> {
  const given = new AbortController();
  const ended = child.exited.then(() => {
    const output = child.tail();
    const Failure = output.includes('address already in use') ? PortTakenMeanwhile : DevServerError;
    throw new Failure(`Temporal's dev server ended before it served:\n${output}`);
  });
  try {
    await Promise.race([untilServing(what, given.signal), ended]);
  } catch (error) {
    await child.stop(0);
    if (error instanceof DevServerError) throw error;
    throw new DevServerError(`Temporal's dev server does not serve ${what.address}:\n${child.tail()}`, {
      cause: error,
    });
  } finally {
    given.abort();
    ended.catch(() => undefined);
  }
}

/**
 * The CLI would read what is set for this project's own clients. It asks who its user is, and believes the environment where the
 * machine has no name for that user, as in a container that runs under any number.
 */
function cliEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { USER: 'archivist', HOME: os.tmpdir(), ...Object.fromEntries(others) };
}

function reporting({ report }: DevServerOptions): { report?: (line: string) => void } {
  return report ? { report } : {};
}
