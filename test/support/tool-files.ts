import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const folders: string[] = [];

/** An empty folder that `removeFolders` removes. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'archivist-test-'));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Writes a shell script that prints `output` and ends with `exitCode`, and gives its path. */
export async function programThatPrints(
  folder: string,
  name: string,
  output: string,
  exitCode = 0,
): Promise<string> {
  return writeProgram(folder, name, `echo '${output}'\nexit ${exitCode}\n`);
}

/** Writes a shell script that becomes the first of the programs, the next time the second, and so on. */
export async function programThatRunsInTurn(
  folder: string,
  name: string,
  programs: readonly string[],
): Promise<string> {
  const runs = path.join(folder, `${name}.runs`);
  const cases = programs.map((program, index) => `${index + 1}) exec '${program}' "$@" ;;\n`);
  const script = `echo run >> '${runs}'\ncase $(grep -c run '${runs}') in\n${cases.join('')}esac\nexit 1\n`;
  return writeProgram(folder, name, script);
}

async function writeProgram(folder: string, name: string, script: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}`);
  await chmod(file, 0o755);
  return file;
}
