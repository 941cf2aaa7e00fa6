import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Where packages and installers put PostgreSQL: a folder for each version, and the programs in it. */
const PLACES: readonly (readonly [folder: string, version: RegExp, rest: string])[] = [
  ['/usr/lib/postgresql', /^(\d+)$/, 'bin'], // Debian, Ubuntu
  ['/usr', /^pgsql-(\d+)$/, 'bin'], // PostgreSQL's own RPMs
  ['/opt/homebrew/opt', /^postgresql@(\d+)$/, 'bin'], // Homebrew on Apple silicon
  ['/usr/local/opt', /^postgresql@(\d+)$/, 'bin'], // Homebrew on Intel
  ['/Applications/Postgres.app/Contents/Versions', /^(\d+)$/, 'bin'],
];

/** Folders that may hold the programs of an installed PostgreSQL: those on the PATH first, then the newest version first. */
export async function installedFolders(searchPath: string): Promise<string[]> {
  const onPath = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const elsewhere = await Promise.all(PLACES.map(versionsIn));
  return [
    ...new Set([
      ...onPath,
      ...elsewhere
        .flat()
        .sort(newestFirst)
        .map(([, folder]) => folder),
    ]),
  ];
}

async function versionsIn([folder, version, rest]: (typeof PLACES)[number]): Promise<[number, string][]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const major = version.exec(name)?.[1];
    return major === undefined ? [] : [[Number(major), path.join(folder, name, rest)] as [number, string]];
  });
}

function newestFirst([one]: [number, string], [other]: [number, string]): number {
  return other - one;
}
