import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ArchivistError } from '../../domain/failures';
import { unavailable } from '../../ledger/refusal';
import { runProgram } from '../../processes/run-program';
import type { Account } from './account';
import { binIn, copiesIn, copyPackage, makeLinks, packageFolder, packageName } from './npm-package';

const BIN_VARIABLE = 'ARCHIVIST_POSTGRES_BIN';
const OLDEST = 14;

/** The folders where packages and installers put PostgreSQL: one for each version, with the programs in it. */
const PLACES: readonly (readonly [folder: string, version: RegExp, rest: string])[] = [
  ['/usr/lib/postgresql', /^(\d+)$/, 'bin'], // Debian, Ubuntu
  ['/usr', /^pgsql-(\d+)$/, 'bin'], // PostgreSQL's own RPMs
  ['/opt/homebrew/opt', /^postgresql@(\d+)$/, 'bin'], // Homebrew on Apple silicon
  ['/usr/local/opt', /^postgresql@(\d+)$/, 'bin'], // Homebrew on Intel
  ['/Applications/Postgres.app/Contents/Versions', /^(\d+)$/, 'bin'],
];

/** The programs of one PostgreSQL. */
export interface Binaries {
  /** The folder of `initdb` and `postgres`. */
  readonly folder: string;
  readonly major: number;
}

export interface BinariesWanted {
  /** The folder for a copy of the npm package. */
  readonly directory: string;
  /** The user that runs them; this process's own user if undefined. */
  readonly account: Account | undefined;
  /** The one major version that can open the data directory; undefined for a new one: any from 14 on. */
  readonly major: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the npm package, for tests. */
  readonly npmPackage?: string | undefined;
}

/** The programs, or why they cannot be used, as the end of a sentence. */
type Finding = Binaries | { readonly why: string };

/**
 * Finds PostgreSQL: in the folder that `ARCHIVIST_POSTGRES_BIN` names and nowhere else; otherwise in the npm package for this platform,
 * on the PATH, and where Debian, PostgreSQL's RPMs, Homebrew and Postgres.app put it. The user that will run it tries each one.
 *
 * @throws ArchivistError `LedgerUnavailable` that lists each place that was tried, and says what to do
 */
export async function findBinaries(wanted: BinariesWanted): Promise<Binaries> {
  const tries: string[] = [];
  for await (const [place, finding] of findings(wanted)) {
    if ('folder' in finding) return finding;
    tries.push(`- ${place} ${finding.why}`);
  }
  throw notFound(tries, wanted);
}

async function* findings(wanted: BinariesWanted): AsyncGenerator<readonly [place: string, finding: Finding]> {
  const named = wanted.env[BIN_VARIABLE];
  if (named) {
    yield [`${BIN_VARIABLE}: ${named}`, await tryFolder(named, wanted)];
    return;
  }
  yield [`the npm package ${packageName()}:`, await tryPackage(wanted)];
  const copies = await copiesIn(wanted.directory);
  for (const folder of [...copies, ...(await installedFolders(wanted.env['PATH'] ?? ''))]) {
    const finding = await tryFolder(folder, wanted);
    // Folders of the PATH without PostgreSQL are not reported.
    if ('folder' in finding || finding.why !== 'is not there') yield [`${folder}:`, finding];
  }
}

async function tryPackage(wanted: BinariesWanted): Promise<Finding> {
  const folder = wanted.npmPackage ?? packageFolder();
  if (folder === undefined || (await readdir(binIn(folder)).catch(() => [])).length === 0)
    return { why: 'not installed (npm leaves it out with --omit=optional, or for another platform)' };
  const hasLinks = await makeLinks(folder);
  const finding = hasLinks ? await tryFolder(binIn(folder), wanted) : { why: 'lacks its links' };
  if ('folder' in finding || (hasLinks && finding.why !== 'may not be executed')) return finding;
  try {
    const copied = await tryFolder(binIn(await copyPackage(folder, wanted.directory)), wanted);
    if ('folder' in copied) return copied;
    // A power failure may have torn the copy.
    return await tryFolder(binIn(await copyPackage(folder, wanted.directory, { anew: true })), wanted);
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    return { why: `${finding.why}, and cannot be copied to ${wanted.directory} (${code})` };
  }
}

/** Folders that may hold the programs of an installed PostgreSQL: those on the PATH first, then the newest version first. */
async function installedFolders(searchPath: string): Promise<Set<string>> {
  const onPath = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const versions: { readonly major: number; readonly folder: string }[] = [];
  for (const [place, version, rest] of PLACES)
    for (const name of await readdir(place).catch(() => [])) {
      const major = version.exec(name)?.[1];
      if (major !== undefined) versions.push({ major: Number(major), folder: path.join(place, name, rest) });
    }
  versions.sort((one, other) => other.major - one.major);
  return new Set([...onPath, ...versions.map(({ folder }) => folder)]);
}

/** Runs `postgres --version` there, as the user that will run the server. */
async function tryFolder(folder: string, { account, major, env }: BinariesWanted): Promise<Finding> {
  const options = { account, cwd: '/', env: programEnvironment(env), timeoutMs: 20_000 };
  const end = await runProgram(programIn(folder, 'postgres'), ['--version'], options);
  if (!end.ran) return { why: end.why };
  const version = /^postgres \(PostgreSQL\) (\d+)/m.exec(end.output)?.[1];
  if (version === undefined) {
    const library = /(?:loading shared libraries:|Library not loaded:) ([^\s:]+)/.exec(end.output)?.[1];
    return { why: library === undefined ? 'is not PostgreSQL' : `lacks the library ${library}` };
  }
  if (major !== undefined && Number(version) !== major) return { why: `is version ${version}` };
  if (Number(version) < OLDEST) return { why: `is version ${version}, older than ${OLDEST}` };
  const initdb = await runProgram(programIn(folder, 'initdb'), ['--version'], options);
  if (major === undefined && !(initdb.ran && initdb.ok)) return { why: 'has no initdb that runs' };
  return { folder, major: Number(version) };
}

export function programIn(folder: string, name: 'postgres' | 'initdb'): string {
  return path.join(folder, process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * The environment of PostgreSQL's programs. The machine's locale has no effect, and messages are in English, so that they can be
 * matched. Everything else is only what the programs need: the server may be another user's process, which must see no secret.
 */
export function programEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'SystemRoot'];
  const entries = kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(entries), LC_ALL: 'C', TZ: 'UTC' };
}

function notFound(tries: readonly string[], { major, account, directory }: BinariesWanted): ArchivistError {
  const lines = ['This was tried:', ...tries].join('\n');
  if (major !== undefined)
    return unavailable(
      `The ledger in ${directory} was made by PostgreSQL ${major}, and can be opened by that version only, which is not to be found. ` +
        `${lines}\nInstall PostgreSQL ${major}, or set ${BIN_VARIABLE} to the folder of its programs.`,
    );
  const what = `PostgreSQL ${OLDEST} or newer`;
  return unavailable(
    `There is no ${what} to make the ledger with${account ? ` that the user ${account.name} can run` : ''}. ${lines}\n` +
      `Install ${what}, or set ${BIN_VARIABLE} to the folder of its programs, or install the npm package ${packageName()}.`,
  );
}
