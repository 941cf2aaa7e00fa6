import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { reasonOf } from '../processes/reason-of';
import { whyUnusable } from './temporal-tool-check';
import type { Finding, Search } from './temporal-tool-search';
import type { Tool } from './temporal-tools';

const SCRATCH = '.fetch-';
/** Longer than any fetch may take: whoever left a folder behind for so long was killed. */
const SCRATCH_MAX_AGE_MS = 60 * 60 * 1000;

/** The program that an earlier search fetched. One that no longer runs is as good as none, and replaced. */
export async function cachedTool(tool: Tool, { env }: Search): Promise<Finding> {
  const file = cacheFile(tool, env);
  const why = await whyUnusable(tool, file, env);
  return why ? { why: `${file} ${why}` } : { path: file };
}

/**
 * Fetches a program into the cache. `fetchInto` is given a folder of its own and gives back the program in it, which
 * gets its place by a rename: any number of processes may do this at once, and none sees half a program.
 */
export async function addToCache(
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
    const why = await whyUnusable(tool, fetched.path, env);
    if (why) return { why: `what it gave ${why}` };
    await rename(fetched.path, file);
    return { path: file };
  } catch (error) {
    return { why: reasonOf(error) };
  } finally {
    if (scratch) await rm(scratch, { recursive: true, force: true });
  }
}

function cacheFile(tool: Tool, env: NodeJS.ProcessEnv): string {
  const extension = process.platform === 'win32' ? '.exe' : '';
  const name = `${tool.executable}-${tool.version}-${process.platform}-${process.arch}${extension}`;
  return path.join(cacheFolder(env), name);
}

/** `ARCHIVIST_CACHE_DIR`, else `archivist` in the user's cache folder (XDG Base Directory Specification). */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env['ARCHIVIST_CACHE_DIR']) return path.resolve(env['ARCHIVIST_CACHE_DIR']);
  const xdg = env['XDG_CACHE_HOME'];
  // The specification wants a relative path ignored.
  const caches = xdg && path.isAbsolute(xdg) ? xdg : path.join(env['HOME'] ?? os.homedir(), '.cache');
  return path.join(caches, 'archivist');
}

async function scratchFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (name.startsWith(SCRATCH)) await removeIfOld(path.join(folder, name));
  }
  return mkdtemp(path.join(folder, SCRATCH));
}

async function removeIfOld(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > SCRATCH_MAX_AGE_MS) {
    await rm(folder, { recursive: true, force: true });
  }
}
