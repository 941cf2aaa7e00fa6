import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { startDevServer, type DevServer, type DevServerOptions } from '../../embedded/temporal-dev-server';
import { ToolNotFoundError } from '../../embedded/temporal-tool-finder';
import { HopelessStart, startUntilReady, type ReadyChild, type Service } from '../../processes/service';
import { tell } from '../output';

/** The embedded PostgreSQL of a ledger. It is started again on the port that it had: the other processes connect to it there. */
export function postgresService(directory: string): Service<EmbeddedPostgres> {
  let port: number | undefined;
  return {
    name: 'postgres',
    async start() {
      try {
        const server = await startEmbeddedPostgres({ directory, report: tell, port });
        port = server.port;
        return server;
      } catch (error) {
        // It has tried again by itself what may be better the next time.
        throw port === undefined ? hopeless(error) : error;
      }
    },
  };
}

/** Temporal's dev server. */
export function temporalService(options: DevServerOptions): Service<DevServer> {
  return {
    name: 'temporal',
    start: () =>
      startDevServer(options).catch((error: unknown) => {
        throw error instanceof ToolNotFoundError ? hopeless(error) : error;
      }),
  };
}

function hopeless(error: unknown): HopelessStart {
  return new HopelessStart(error instanceof Error ? error.message : 'could not be started', { cause: error });
}

/** The exit code for wrong usage and wrong configuration. */
const WRONG_USAGE = 2;
const START_LIMIT_MS = 60_000;

/**
 * A command of this program, as a process of its own, like in production. Its log goes where this process's goes.
 * @param graceMs milliseconds that it has to end
 */
export function commandService(
  name: 'gateway' | 'worker',
  args: readonly string[],
  graceMs: number,
): Service<ReadyChild> {
  const command = [...process.execArgv, process.argv[1] ?? '', name, ...args, '--json'];
  const terms = {
    env: process.env,
    graceMs,
    startLimitMs: START_LIMIT_MS,
    hopeless: [WRONG_USAGE],
    watchesParent: true,
    // Without its supervisor it has neither a database nor Temporal, and would only keep the next one from its ports.
    orphanSignal: 'SIGKILL',
    onLine(line: string, stream: 'stdout' | 'stderr') {
      if (stream === 'stderr') tell(line);
    },
  } as const;
  return {
    name,
    needs: ['postgres', 'temporal'],
    start: (signal) => startUntilReady(process.execPath, command, terms, signal),
  };
}
