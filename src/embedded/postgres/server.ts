import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { processHere } from '../../processes/holder';
import { spawnChild, type Child } from '../../processes/child';
import { freePort, isFree } from '../../processes/free-port';
import { programEnvironment, programIn } from './binaries';
import { clusterIn, type Site } from './cluster';
import { forgetConnection, HOST, readConnection, saveConnection, urlOf } from './connection';
import { postgresFailure } from './failure';

/** Time for a fast shutdown, which writes all memory to disk; then the server is killed, and recovers at its next start. */
const STOP_GRACE_MS = 60_000;
/** Time to start: after a crash the server replays its log first. */
const START_MS = 120_000;
/** Attempts to start, if a port is taken meanwhile, or a killed server's shared memory is still in use. */
const STARTS = 10;
/** A machine that starts everything at once may take seconds to accept a connection. */
const CONNECT_MS = 10_000;
/** Time in which our server notices that another server has its port, while that one refuses the password. */
const STRANGER_MS = 10_000;

type Settings = Readonly<Record<string, string | number>>;

/**
 * Starts the server of a data directory, saves how to reach it, and resolves when it serves. A port that was free may be taken a
 * moment later: then the server is restarted on another one, unless it is `wanted`.
 * @throws ArchivistError `LedgerUnavailable`
 */
export async function startServer(
  site: Site,
  settings: Settings,
  wanted?: number,
): Promise<Child & { readonly port: number }> {
  const { directory, account, password } = site;
  const program = programIn(site.binaries.folder, 'postgres');
  const former = (await readConnection(directory))?.port;
  for (let starts = 1; ; starts += 1) {
    const port = wanted ?? (starts === 1 ? await formerPort(former) : await freePort(HOST));
    const child = await spawnChild(program, serverArguments(clusterIn(directory), port, settings), {
      env: programEnvironment(site.env),
      cwd: '/',
      account,
      stopSignal: 'SIGINT',
      graceMs: STOP_GRACE_MS,
      logFile: path.join(directory, 'postgres.log'),
    });
    try {
      const connection = { port, password, ...(await processHere(child.pid)) };
      // Before it serves: if this process is killed, the next one sees that the server is ours.
      await saveConnection(directory, { ...connection, ready: false });
      await untilServing(child, urlOf(port, password), directory);
      await saveConnection(directory, { ...connection, ready: true });
      return { ...child, port };
    } catch (error) {
      await stopServer(child, directory);
      const output = child.tail();
      // The processes of a killed server still hold its shared memory: they end within seconds.
      const isMemoryUsed = output.includes('pre-existing shared memory block');
      const isPortTaken = /could not bind|could not create any TCP\/IP sockets/.test(output);
      if (starts === STARTS || !(isMemoryUsed || (isPortTaken && wanted === undefined))) throw error;
    }
    await sleep(500);
  }
}

export async function stopServer(child: Child, directory: string): Promise<void> {
  await child.stop();
  await forgetConnection(directory);
}

/** Reuses the former port if it is free, so that other processes find the server again. */
async function formerPort(former: number | undefined): Promise<number> {
  return former !== undefined && (await isFree(HOST, former)) ? former : await freePort(HOST);
}

function serverArguments(cluster: string, port: number, settings: Settings): string[] {
  const all = {
    listen_addresses: HOST,
    port,
    unix_socket_directories: '',
    // No log may contain the ledger's data: errors quote rows and statements.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_checkpoints: 'off',
    ...settings,
  };
  return ['-D', cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** @throws ArchivistError `LedgerUnavailable` if the server does not begin to serve */
async function untilServing(child: Child, url: string, directory: string): Promise<void> {
  const begun = Date.now();
  let isEnded = false as boolean;
  void child.exited.then(() => (isEnded = true));
  for (;;) {
    const answer = await connect(url, clusterIn(directory));
    if (isEnded) throw postgresFailure('PostgreSQL did not start', directory, child.tail());
    if (answer === 'ours') return;
    const isStranger = answer === '28P01' && Date.now() > begun + STRANGER_MS;
    if (isStranger || Date.now() > begun + START_MS) {
      const why = isStranger
        ? "does not know the password in the ledger's directory"
        : `did not serve within ${START_MS / 1000} s`;
      throw postgresFailure(`PostgreSQL ${why}`, directory, child.tail());
    }
    await sleep(25);
  }
}

/**
 * Connects, and checks whose server answers. Another may listen on the port, and accept the password if this ledger is a copy.
 * @returns whose server answers, or the code of the connection error
 */
async function connect(url: string, cluster: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ place: string }>(
      `SELECT current_setting('data_directory') AS place`,
    );
    return rows[0]?.place === cluster ? 'ours' : 'another';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? 'no answer';
  } finally {
    await client.end().catch(() => undefined);
  }
}
