import { execFile, spawnSync } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readdir, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { accountFor } from '../../src/embedded/postgres/account';
import { findBinaries, type BinariesWanted } from '../../src/embedded/postgres/binaries';
import { postgresFailure } from '../../src/embedded/postgres/failure';
import { packageFolder, packageName } from '../../src/embedded/postgres/npm-package';
import { programThatPrints } from '../support/tool-files';
import { Volume } from '../faults/volume';
import { ask, failing, Fixture, isRoot } from './postgres-fixture';

const fixture = new Fixture();
const volume = new Volume();
afterEach(() => fixture.clear());
afterAll(async () => {
  await fixture.close();
  volume.close();
});

const ELSE = { uid: 65_534, gid: 65_534 };
/** Has no name on any machine, as in a container that runs under any number. */
const NAMELESS = { uid: 54_321, gid: 54_321 };
const canMapUsers =
  isRoot &&
  spawnSync('unshare', ['--user', '--map-user=65534', 'true'], { ...NAMELESS, cwd: '/' }).status === 0;
const LINK = 'native/lib/libicuuc.so.60';

/** Whether a process of another user can run TypeScript of this checkout: not in one that only root can enter. */
const othersRunTests =
  !isRoot ||
  spawnSync(process.execPath, ['-e', `require(${JSON.stringify(require.resolve('tsx/cjs'))})`], {
    ...ELSE,
    cwd: '/',
  }).status === 0;

async function find(wanted: Partial<BinariesWanted> = {}) {
  const directory = wanted.directory ?? (await fixture.folder());
  const account = await accountFor(path.join(directory, 'cluster'));
  return await findBinaries({ directory, account, major: undefined, env: { PATH: '' }, ...wanted });
}

/** A copy of the npm package as it is where npm runs no install scripts: without its symbolic links. */
async function packageWithoutLinks(folder?: string): Promise<string> {
  const copy = path.join(folder ?? (await fixture.folder()), 'package');
  await promisify(execFile)('cp', ['-a', packageFolder()!, copy]);
  for (const library of await readdir(path.join(copy, 'native', 'lib'), { withFileTypes: true }))
    if (library.isSymbolicLink()) await rm(path.join(copy, 'native', 'lib', library.name));
  return copy;
}

describe('the PostgreSQL program', () => {
  it('comes from the npm package, and archivist creates the links that npm omitted', async () => {
    const npmPackage = await packageWithoutLinks();
    const found = await find({ npmPackage });
    expect(found).toEqual({ folder: path.join(npmPackage, 'native', 'bin'), major: 18 });
    expect((await lstat(path.join(npmPackage, LINK))).isSymbolicLink()).toBe(true);
  });

  (othersRunTests ? it : it.skip)(
    'runs from a package that can neither be written nor has its links',
    async () => {
      const [npmPackage, directory] = [
        await packageWithoutLinks(),
        path.join(await fixture.folder(), 'ledger'),
      ];
      await mkdir(directory);
      if (isRoot) await chown(directory, ELSE.uid, ELSE.gid);
      else await chmod(path.join(npmPackage, 'native', 'lib'), 0o555);
      const { url } = await fixture.startElsewhere([directory, npmPackage], isRoot ? ELSE : {});
      expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await expect(lstat(path.join(npmPackage, LINK))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await readdir(directory)).toContainEqual(expect.stringMatching(/^postgresql-18\./));
    },
  );

  (othersRunTests && canMapUsers ? it : it.skip)('runs under a user that has no name', async () => {
    const directory = path.join(await fixture.folder(), 'ledger');
    await mkdir(directory);
    await chown(directory, NAMELESS.uid, NAMELESS.gid);
    const { url } = await fixture.startElsewhere([directory], NAMELESS);
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await stat(path.join(directory, 'cluster'))).uid).toBe(NAMELESS.uid);
  });

  (isRoot ? it : it.skip)('runs from a package that only root can reach', async () => {
    const [closed, directory] = [path.join(await fixture.folder(), 'closed'), await fixture.folder()];
    await mkdir(closed, { mode: 0o700 });
    for (const old of ['postgresql-17.0.0', 'postgresql-18.0.0']) await mkdir(path.join(directory, old));
    const npmPackage = await packageWithoutLinks(closed);
    const { folder } = await find({ npmPackage, directory });
    expect(path.relative(directory, folder)).toMatch(/^postgresql-18\.[^/]+\/native\/bin$/);
    // Only that one might open a ledger of its version.
    expect((await readdir(directory)).sort()).toEqual([
      'postgresql-17.0.0',
      expect.stringMatching(/^postgresql-18\.[1-9]/),
    ]);
    expect(await find({ npmPackage, directory })).toEqual({ folder, major: 18 });
    await truncate(path.join(folder, 'postgres'));
    expect(await find({ npmPackage, directory })).toEqual({ folder, major: 18 });
  });

  it('has the version of an existing ledger, wherever that version is installed', async () => {
    const PATH = await fixture.folder();
    await programThatPrints(PATH, 'postgres', 'postgres (PostgreSQL) 15.99');
    expect(await find({ major: 15, env: { PATH } })).toEqual({ folder: PATH, major: 15 });
    expect(await find({ major: 18, env: { PATH } })).toMatchObject({ major: 18 });
    // It is no choice for a new one, since it cannot make it; and the package comes first.
    expect(await find({ env: { PATH } })).toMatchObject({ major: 18 });
  });

  it('is the one that a person names, or none', async () => {
    const folder = await fixture.folder();
    await programThatPrints(folder, 'postgres', 'postgres (PostgreSQL) 17.1');
    await programThatPrints(folder, 'initdb', 'initdb (PostgreSQL) 17.1');
    const env = { ARCHIVIST_POSTGRES_BIN: folder };
    expect(await find({ env })).toEqual({ folder, major: 17 });
    await expect(find({ env, major: 18 })).rejects.toEqual(
      failing(/ARCHIVIST_POSTGRES_BIN: .* is version 17/),
    );
    await programThatPrints(folder, 'postgres', 'postgres (PostgreSQL) 13.4');
    await expect(find({ env })).rejects.toEqual(failing(/is version 13, older than 14/));
    await expect(find({ env: { ARCHIVIST_POSTGRES_BIN: '/nowhere' } })).rejects.toEqual(
      failing(/ARCHIVIST_POSTGRES_BIN: \/nowhere is not there/),
    );
  });

  it('is named in the error if it, or one of its libraries, is missing', async () => {
    await expect(find({ npmPackage: '/nowhere', major: 99 })).rejects.toEqual(
      failing(new RegExp(`npm package ${packageName()}: not installed .*--omit=optional`)),
    );
    const npmPackage = await packageWithoutLinks();
    await rm(path.join(npmPackage, 'native/lib/libicuuc.so.60.2'), { force: true });
    if (process.platform === 'linux')
      await expect(find({ npmPackage, major: 99 })).rejects.toEqual(
        failing(/lacks the library libicuuc\.so\.60/),
      );
  });
});

describe('a message of PostgreSQL', () => {
  it.each([
    [/no room left on the disk of \/ledger/, 'FATAL: could not write lock file: No space left on device'],
    [
      /lacks the library libxml2\.so\.2\. Install it/,
      'postgres: error while loading shared libraries: libxml2.so.2: cannot open shared object file',
    ],
    [
      /made by PostgreSQL 17, and this is 18\.4/,
      'FATAL: database files are incompatible with server\nDETAIL:  The data directory was initialized by PostgreSQL version 17, which is not compatible with this version 18.4.',
    ],
    [/another PostgreSQL serves \/ledger/, 'FATAL: lock file "postmaster.pid" already exists'],
    [
      /must belong to the user that PostgreSQL runs as/,
      'FATAL: data directory "/ledger/cluster" has wrong ownership',
    ],
    [/damaged\. Restore it from a backup/, 'PANIC: could not locate a valid checkpoint record at 0/1504F28'],
    [/too little memory/, 'FATAL: could not map anonymous shared memory: Cannot allocate memory'],
    [/cannot start\. PostgreSQL said:\nFATAL: something else$/, 'FATAL: something else'],
  ])('is explained in plain words: %s', (words, output) => {
    expect(postgresFailure('PostgreSQL cannot start', '/ledger', output)).toEqual(failing(words));
  });

  (volume.isOwn ? it : it.skip)('about a full disk is said, and leaves nothing half made', async () => {
    await volume.leave(5 * 1024 * 1024);
    const directory = path.join(volume.path, 'ledger');
    await expect(fixture.start(directory)).rejects.toEqual(failing(/no room left on the disk/));
    await volume.clear();
    await expect(fixture.start(directory)).resolves.toBeDefined();
  });
});
