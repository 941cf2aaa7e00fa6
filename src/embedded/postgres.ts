import path from 'node:path';
import { unavailable } from '../ledger/refusal';
import type { Child } from '../processes/child';
import { accountFor, closedFolder, makeFolder, temporaryFolder, type Account } from './postgres/account';
import { findBinaries } from './postgres/binaries';
import { clusterIn, majorOf, makeCluster, passwordIn } from './postgres/cluster';
import { urlOf } from './postgres/connection';
import { fileFailure } from './postgres/failure';
import { lockDirectory } from './postgres/lock';
import { endPredecessor } from './postgres/predecessor';
import { startServer, stopServer } from './postgres/server';

export { connectionOf } from './postgres/connection';

export interface EmbeddedPostgresOptions {
  /** The ledger's directory; created if it does not exist. */
  readonly directory: string;
  /** A port on loopback. If absent, the port of the server that was killed, otherwise a free one. */
  readonly port?: number | undefined;
  /** Settings of PostgreSQL that override the ones here. Tests switch `fsync` off, and nothing else. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with a line about everything that takes time. */
  readonly report?: (line: string) => void;
  /** Replaces the installed npm package in tests. */
  readonly npmPackage?: string;
}

/** A PostgreSQL that this process runs. Its `stop` is a fast shutdown; a second call does nothing more. */
export interface EmbeddedPostgres extends Child {
  readonly url: string;
  readonly port: number;
}

/**
 * Starts PostgreSQL for a ledger's directory as a child process, and resolves when it serves. It listens on loopback only, where
 * nobody logs in without the password; committed data is on the disk. It does not outlive this process: the Linux kernel stops it
 * even after a SIGKILL; elsewhere the next start stops a server that lived on. {@link connectionOf} finds it.
 *
 * One process at a time runs the server of a directory. If this process is root, the server runs as another user (decision 0024).
 *
 * @throws ArchivistError `LedgerUnavailable` that says in plain words what is wrong, and what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = path.resolve(options.directory);
  const account = await accountFor(clusterIn(directory));
  const closed = await closedFolder(directory, account);
  if (closed !== undefined)
    throw unavailable(
      `PostgreSQL runs as the user ${account?.name ?? ''}, since it refuses to run as root, and that user may not enter ${closed}, on ` +
        `the way to the ledger in ${directory}. Let others pass through it (\`chmod o+x ${closed}\`), keep the ledger elsewhere ` +
        '(`ledger: embedded:/var/lib/archivist/ledger`), or run archivist as another user than root.',
    );
  let release: (() => Promise<void>) | undefined;
  try {
    await makeFolder(directory, account);
    const lost = new AbortController();
    release = await lockDirectory(directory, () => lost.abort());
    return await startLocked({ ...options, directory }, account, release, lost.signal);
  } catch (error) {
    // On a full disk the lock cannot be released; it is void when this process ends.
    await release?.().catch(() => undefined);
    throw fileFailure(directory, error);
  }
}

/**
 * The directory itself if the user that PostgreSQL runs as may enter it; otherwise one in a new temporary folder. For the demo
 * only: a person chooses the place of a ledger to keep.
 */
export async function ledgerFolder(directory: string, report: (line: string) => void): Promise<string> {
  const account = await accountFor(clusterIn(directory));
  const closed = await closedFolder(directory, account);
  if (closed === undefined) return directory;
  const folder = path.join(await temporaryFolder('archivist-ledger-'), 'ledger');
  report(
    `the user ${account?.name ?? ''}, as whom PostgreSQL runs, may not enter ${closed}: the ledger goes to ${folder}`,
  );
  return folder;
}

async function startLocked(
  options: EmbeddedPostgresOptions,
  account: Account | undefined,
  release: () => Promise<void>,
  lost: AbortSignal,
): Promise<EmbeddedPostgres> {
  const { directory, env = process.env, report = () => undefined, settings = {}, npmPackage } = options;
  const cluster = clusterIn(directory);
  await endPredecessor(directory, cluster, report);
  const major = await majorOf(cluster);
  const binaries = await findBinaries({ directory, account, major, env, npmPackage });
  const password = await passwordIn(directory);
  const site = { directory, account, env, binaries, password };
  if (major === undefined) {
    report(`making the ledger in ${directory} (PostgreSQL ${binaries.major}) …`);
    await makeCluster(site, settings['fsync'] !== 'off');
  }
  const child = await startServer(site, settings, options.port);
  let ended: Promise<void> | undefined;
  // Then another process serves the directory: this server must stop writing, and must not remove what that one saved.
  const kill = () => void (ended = child.stop(0));
  lost.addEventListener('abort', kill);
  if (lost.aborted) kill();
  const stop = () => (ended ??= stopServer(child, directory).then(release));
  return { ...child, url: urlOf(child.port, password), stop };
}
