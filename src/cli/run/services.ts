import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { startDevServer, type DevServer, type DevServerOptions } from '../../embedded/temporal-dev-server';
import { ToolNotFoundError } from '../../embedded/temporal-tool-finder';
import { describeExit } from '../../processes/child';
import { HopelessStart, startUntilReady, type RunningService, type Service } from '../../processes/service';

type Report = (line: string) => void;

/**
 * The embedded PostgreSQL of a ledger. It is started again on the port that it had: the other processes connect to it there.
 * @param started told of each server that was started
 */
export function postgresService(
  directory: string,
  started: (server: EmbeddedPostgres) => void,
  report: Report,
): Service {
  let port: number | undefined;
  return {
    name: 'postgres',
    async start() {
      try {
        const server = await startEmbeddedPostgres({
          directory,
          report,
          ...(port !== undefined && { port }),
        });
        port = server.port;
        started(server);
        return running(server);
      } catch (error) {
        // It has tried again by itself what may be better the next time.
        throw port === undefined ? hopeless(error) : error;
      }
    },
  };
}

/** Temporal's dev server. */
export function temporalService(options: DevServerOptions, started: (server: DevServer) => void): Service {
  return {
    name: 'temporal',
    async start() {
      try {
        const server = await startDevServer(options);
        started(server);
        return running(server);
      } catch (error) {
        throw error instanceof ToolNotFoundError ? hopeless(error) : error;
      }
    },
  };
}

function running(server: Pick<DevServer, 'pid' | 'exited' | 'tail' | 'close'>): RunningService {
  return {
    pid: server.pid,
    exited: server.exited.then(describeExit),
    tail: () => server.tail(),
    stop: () => server.close(),
  };
}

function hopeless(error: unknown): HopelessStart {
  return new HopelessStart(error instanceof Error ? error.message : 'could not be started', { cause: error });
}

/** How a command of ours runs as a service. */
export interface CommandTerms {
  readonly env: NodeJS.ProcessEnv;
  readonly needs: readonly string[];
  /** Milliseconds that it has to end. */
  readonly graceMs: number;
  /** Told what the command says when it is ready. */
  readonly ready?: (said: Readonly<Record<string, unknown>>) => void;
  /** Hears its log. */
  readonly log: Report;
}

/** The exit code for wrong usage and wrong configuration. */
const WRONG_USAGE = 2;
const START_LIMIT_MS = 60_000;

/** A command of this program, as a process of its own, like in production. */
export function commandService(
  name: 'gateway' | 'worker',
  args: readonly string[],
  { env, needs, graceMs, ready, log }: CommandTerms,
): Service {
  const command = [...process.execArgv, process.argv[1] ?? '', name, ...args, '--json'];
  const terms = {
    env,
    graceMs,
    startLimitMs: START_LIMIT_MS,
    hopeless: [WRONG_USAGE],
    watchesParent: true,
    // Without its supervisor it has neither a database nor Temporal, and would only keep the next one from its ports.
    orphanSignal: 'SIGKILL',
    isReady(line: string) {
      if (!isReady(line)) return false;
      ready?.(JSON.parse(line) as Readonly<Record<string, unknown>>);
      return true;
    },
    onLine: (line: string, stream: 'stdout' | 'stderr') => {
      if (stream === 'stderr') log(line);
    },
  } as const;
  return { name, needs, start: (signal) => startUntilReady(process.execPath, command, terms, signal) };
}

/** Whether a line of a command's output says that it is ready. */
export function isReady(line: string): boolean {
  return line.startsWith('{"event":"ready"');
}

/** This process's environment for processes that use the embedded Temporal, and no other one that is set up here. */
export function environmentFor({ address, namespace }: Pick<DevServer, 'address' | 'namespace'>) {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(others),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    // No file: a profile in the usual one may have TLS, or a key.
    TEMPORAL_CONFIG_FILE: '',
  };
}
