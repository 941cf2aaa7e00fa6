import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { whyUnusable } from './temporal-tool-check';
import type { Finding, Search } from './temporal-tool-search';
import type { Tool } from './temporal-tools';

/** The program that an environment variable names. */
export async function findByVariable(tool: Tool, { env, report }: Search): Promise<Finding> {
  const named = env[tool.pathVariable];
  if (!named) return { why: 'not set' };
  const why = await whyUnusable(tool, named, env);
  if (!why) return { path: named };
  report(`${tool.pathVariable} is set to ${named}, which ${why}; looking elsewhere`);
  return { why: `${named} ${why}` };
}

/** The first program of that name on the PATH. */
export async function findOnPath(tool: Tool, { env }: Search): Promise<Finding> {
  const found = await firstOnPath(fileName(tool), env['PATH'] ?? '');
  if (!found) return { why: 'not there' };
  const why = await whyUnusable(tool, found, env);
  return why ? { why: `${found} ${why}` } : { path: found };
}

/** The file name of a program on this platform. */
export function fileName(tool: Tool): string {
  return process.platform === 'win32' ? `${tool.executable}.exe` : tool.executable;
}

async function firstOnPath(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter(Boolean)) {
    const candidate = path.resolve(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
