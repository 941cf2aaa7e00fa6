import path from 'node:path';
import { ArchivistError } from '../../domain/failures';
import { runProgram } from '../../processes/run-program';
import type { Account } from './account';
import { installedFolders } from './installed';
import {
  binIn,
  copiesIn,
  copyPackage,
  isPackage,
  makeLinks,
  packageFolder,
  packageName,
} from './npm-package';

export const BIN_VARIABLE = 'ARCHIVIST_POSTGRES_BIN';
const OLDEST = 14;

/** The programs of one PostgreSQL. */
export interface Binaries {
  /** The folder of `initdb` and `postgres`. */
  readonly folder: string;
  readonly major: number;
}

export interface BinariesWanted {
  /** Where a copy of the npm package may go. */
  readonly directory: string;
  /** Who runs them; this process's own user if undefined. */
  readonly account: Account | undefined;
  /** The one version that can open the data directory; any from 14 on for a new one. */
  readonly major: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the npm package, for tests. */
  readonly npmPackage?: string | undefined;
}

/** Where programs are, or why these cannot be used, as the end of a sentence. */
type Finding = Binaries | { readonly why: string };

/**
 * Finds PostgreSQL: in the folder that `ARCHIVIST_POSTGRES_BIN` names and nowhere else; otherwise in the npm package for this platform,
 * on the PATH, and where Debian, PostgreSQL's RPMs, Homebrew and Postgres.app put it. Every one is tried by the user that will run it.
 *
 * @throws ArchivistError `LedgerUnavailable` that tells each place that was tried, and what to do
 */
export async function findBinaries(wanted: BinariesWanted): Promise<Binaries> {
  const named = wanted.env[BIN_VARIABLE];
  const tries: string[] = [];
  for await (const [place, finding] of named ? namedFolder(named, wanted) : everywhere(wanted)) {
    if ('folder' in finding) return finding;
    // A folder of the PATH that has no PostgreSQL is not worth a word.
    if (finding.why !== 'is not there') tries.push(`- ${place}: ${finding.why}`);
  }
  throw notFound(tries, wanted);
}

type Places = AsyncGenerator<readonly [place: string, finding: Finding]>;

async function* namedFolder(folder: string, wanted: BinariesWanted): Places {
  const finding = await tryFolder(folder, wanted);
  yield [BIN_VARIABLE, 'why' in finding ? { why: `${folder} ${finding.why}` } : finding];
}

async function* everywhere(wanted: BinariesWanted): Places {
  yield [`the npm package ${packageName()}`, await tryPackage(wanted)];
  const copies = await copiesIn(wanted.directory);
  for (const folder of [...copies, ...(await installedFolders(wanted.env['PATH'] ?? ''))])
    yield [folder, await tryFolder(folder, wanted)];
}

async function tryPackage(wanted: BinariesWanted): Promise<Finding> {
  const folder = wanted.npmPackage ?? packageFolder();
  if (folder === undefined || !(await isPackage(folder)))
    return { why: 'not installed (npm leaves it out with --omit=optional, or for another platform)' };
  const hasLinks = await makeLinks(folder);
  const finding = hasLinks ? await tryFolder(binIn(folder), wanted) : { why: 'lacks its links' };
  if ('folder' in finding || !isHelpedByCopy(finding.why)) return finding;
  try {
    const copied = await tryFolder(binIn(await copyPackage(folder, wanted.directory)), wanted);
    if ('folder' in copied) return copied;
    // A power failure may have torn it.
    return await tryFolder(binIn(await copyPackage(folder, wanted.directory, { anew: true })), wanted);
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    return { why: `${finding.why}, and cannot be copied to ${wanted.directory} (${code})` };
  }
}

function isHelpedByCopy(why: string): boolean {
  return why === 'lacks its links' || why === NOT_REACHED;
}

const NOT_REACHED = 'may not be executed';

/** Runs `postgres --version` there, as who will run the server. */
async function tryFolder(folder: string, { account, major, env }: BinariesWanted): Promise<Finding> {
  const options = { account, cwd: '/', env: programEnvironment(env), timeoutMs: 20_000 };
  const end = await runProgram(programIn(folder, 'postgres'), ['--version'], options);
  if (!end.ran) return { why: end.why };
  const version = /^postgres \(PostgreSQL\) (\d+)/m.exec(end.output)?.[1];
  if (version === undefined) return { why: whyNot(end.output) };
  if (major !== undefined && Number(version) !== major) return { why: `is version ${version}` };
  if (Number(version) < OLDEST) return { why: `is version ${version}, older than ${OLDEST}` };
  const initdb = await runProgram(programIn(folder, 'initdb'), ['--version'], options);
  if (major === undefined && !(initdb.ran && initdb.ok)) return { why: 'has no initdb that runs' };
  return { folder, major: Number(version) };
}

function whyNot(output: string): string {
  const library = /error while loading shared libraries: ([^\s:]+)|Library not loaded: (\S+)/.exec(output);
  if (library) return `lacks the library ${library[1] ?? library[2] ?? ''}`;
  return 'is not PostgreSQL';
}

/** The path of one of PostgreSQL's programs. */
export function programIn(folder: string, name: 'postgres' | 'initdb'): string {
  return path.join(folder, process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * The environment of PostgreSQL's programs. The machine's locale decides nothing, and messages are in English, so that they can be
 * understood; of all else only what it takes to run, since the server may be another user's process, which sees no secret.
 */
export function programEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'SystemRoot'];
  const entries = kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(entries), LC_ALL: 'C', TZ: 'UTC' };
}

function notFound(tries: readonly string[], { major, account, directory }: BinariesWanted): ArchivistError {
  const what = major === undefined ? `PostgreSQL ${OLDEST} or newer` : `PostgreSQL ${major}`;
  const first =
    major === undefined
      ? `There is no ${what} to make the ledger with${account ? ` that the user ${account.name} can run` : ''}.`
      : `The ledger in ${directory} was made by PostgreSQL ${major}, and can be opened by that version only, which is not to be found.`;
  return new ArchivistError(
    'LedgerUnavailable',
    [
      `${first} This was tried:`,
      ...tries,
      `Install ${what}, or set ${BIN_VARIABLE} to the folder of its programs${major === undefined ? `, or install the npm package ${packageName()}` : ''}.`,
    ].join('\n'),
  );
}
