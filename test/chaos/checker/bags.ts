import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { checkBag } from '../../support/check-bag';
import { faultOfZip } from './zip';

/** What stands in the store in the place of a bag, or says somewhere else that it is one. */
export interface Bag {
  /** Below the store's root. */
  readonly path: string;
  /** Whose it is: what it says, or else what its folder is called. */
  readonly archiveId: string;
  /** What is wrong with it as a bag; nothing where it is right. */
  readonly problems: readonly string[];
  /** What is wrong with its payload as a zip. */
  readonly zipFault: string | undefined;
  /** Of the payload on disk. */
  readonly sha256: string | undefined;
}

/** Where copies stand that are not sealed yet, and drafts of bags. */
const INCOMING = '.incoming';
/** Where bags belong that were damaged and have been replaced. A right one has no business there. */
const DAMAGED = '.damaged';

/** Reads every bag of a store from the disk, byte by byte. */
export async function readBags(store: string, tenant: string): Promise<readonly Bag[]> {
  const inPlace = (await foldersIn(join(store, tenant))).map((name) => join(store, tenant, name));
  const bags: Bag[] = [];
  for (const folder of new Set([...inPlace, ...(await declaredIn(store))]))
    bags.push(await readBag(store, folder));
  return bags.filter(({ path, problems }) => !path.startsWith(DAMAGED) || problems.length === 0);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Folders with a bag's declaration in them, wherever they are. */
async function declaredIn(store: string): Promise<string[]> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  return entries
    .filter(
      ({ name, parentPath }) => name === 'bagit.txt' && !relative(store, parentPath).startsWith(INCOMING),
    )
    .map(({ parentPath }) => parentPath);
}

async function readBag(store: string, folder: string): Promise<Bag> {
  const info = await readFile(join(folder, 'bag-info.txt'), 'utf8').catch(() => '');
  const payload = await readFile(join(folder, 'data', 'archive.zip')).catch(() => undefined);
  const zipFault = payload === undefined ? 'there is no data/archive.zip' : faultOfZip(payload);
  return {
    path: relative(store, folder),
    archiveId: /^External-Identifier: *(.+)$/m.exec(info)?.[1] ?? basename(folder),
    problems: await checkBag(folder),
    zipFault,
    sha256: payload && createHash('sha256').update(payload).digest('hex'),
  };
}
