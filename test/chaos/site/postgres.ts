import { spawn, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../../src/embedded/free-port';
import { runProgram } from '../../../src/embedded/run-program';
import { createCluster, findBinaries, serverArguments, untilReady } from '../../support/postgres';
import { Service, type RunningProcess } from './service';

/** A PostgreSQL server that can be killed and started again on the same data and port. */
export interface Postgres {
  readonly service: Service;
  readonly port: number;
  /** Where it listens itself. */
  readonly url: string;
  /** Removes its data; to be called when it is stopped. */
  remove(): void;
}

type Cluster = ReturnType<typeof createCluster>;

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

/** Undefined where there is no PostgreSQL on this machine. */
export async function createPostgres(): Promise<Postgres | undefined> {
  const binaries = findBinaries();
  if (binaries === undefined) return undefined;
  const password = randomBytes(12).toString('hex');
  const cluster = createCluster(binaries, password);
  const port = await freePort('127.0.0.1');
  const url = `postgres://archivist:${password}@127.0.0.1:${port}/postgres`;
  const command = await commandOf(binaries, port, cluster);
  return {
    service: new Service('ledger', () => start(command, url)),
    port,
    url,
    remove: () => rmSync(cluster.directory, { recursive: true, force: true }),
  };
}

/** How to start it so that, on Linux, the kernel ends it with this process, however that ends. */
async function commandOf(binaries: string, port: number, cluster: Cluster): Promise<Command> {
  const { directory, owner } = cluster;
  const file = path.join(binaries, 'postgres');
  const args = serverArguments(directory, port);
  const options = { cwd: directory, stdio: 'ignore' } as const;
  const end = await runProgram('setpriv', ['--pdeathsig', 'INT', 'true'], { timeoutMs: 5_000 });
  if (!end.ran || !end.ok) return { file, args, options: { ...options, ...owner } };
  const user =
    owner.uid === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${String(owner.gid)}`, '--clear-groups'];
  return { file: 'setpriv', args: [...user, '--pdeathsig', 'INT', file, ...args], options };
}

async function start({ file, args, options }: Command, url: string): Promise<RunningProcess> {
  const server = spawn(file, args, options);
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await once(server, 'spawn');
  const killAtExit = (): void => void server.kill('SIGKILL');
  process.once('exit', killAtExit);
  void exited.then(() => process.off('exit', killAtExit));
  try {
    await untilReady(url, server);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return { pid: server.pid ?? 0, exited };
}
