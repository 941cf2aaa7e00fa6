import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runProgram } from '../../src/processes/run-program';

/** Where system administrators' programs are, which the PATH of others may not name. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The path of a program that is installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  for (const folder of folders.filter((folder) => folder !== '')) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** The first line of what a program says, of its version for example. */
export async function firstLine(program: string, args: readonly string[]): Promise<string | undefined> {
  const end = await runProgram(program, args, { timeoutMs: 10_000 });
  return end.ran && end.ok ? end.output.trim().split('\n')[0] : undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
