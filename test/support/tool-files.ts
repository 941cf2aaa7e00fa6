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
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\necho '${output}'\nexit ${exitCode}\n`);
  await chmod(file, 0o755);
  return file;
}
