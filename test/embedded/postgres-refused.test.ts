import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ledgerFolder } from '../../src/embedded/postgres';
import { matching } from '../simulator/matchers';
import { failing, Fixture, isRoot } from './postgres-fixture';

const fixture = new Fixture();
afterEach(() => fixture.clear());
afterAll(() => fixture.close());

describe('a folder that cannot be used', () => {
  it('of another version of PostgreSQL is opened by none but that', async () => {
    const directory = await fixture.madeLedger();
    await writeFile(path.join(directory, 'cluster', 'PG_VERSION'), '13\n');
    await expect(fixture.start(directory, { env: { PATH: '' } })).rejects.toEqual(
      failing(
        /made by PostgreSQL 13, and can be opened by that version only[^]*is version 18[^]*Install PostgreSQL 13, or set ARCHIVIST_POSTGRES_BIN/,
      ),
    );
  });

  it('without PG_VERSION is no data directory', async () => {
    const directory = await fixture.folder();
    await mkdir(path.join(directory, 'cluster'));
    if (!isRoot) await expect(fixture.start(directory)).rejects.toEqual(failing(/PG_VERSION is missing/));
    // What root makes belongs to root.
    else await expect(fixture.start(directory)).rejects.toEqual(failing(/belongs to root/));
  });

  it('of another user is not touched', async () => {
    const directory = await fixture.folder();
    await symlink('/usr', path.join(directory, 'cluster'));
    await expect(fixture.start(directory)).rejects.toEqual(failing(/belongs to (another user|root)/));
  });

  it('that others can read is refused, with the remedy', async () => {
    const directory = await fixture.madeLedger();
    await chmod(path.join(directory, 'cluster'), 0o755);
    await expect(fixture.start(directory)).rejects.toEqual(
      failing(/readable by that user only \(`chmod 700`\)/),
    );
    expect((await stat(path.join(directory, 'cluster'))).mode & 0o777).toBe(0o755);
  });

  (isRoot ? it : it.skip)('below one that only root can enter is named, and stays closed', async () => {
    const closed = path.join(await fixture.folder(), 'closed');
    await mkdir(closed, { mode: 0o700 });
    const directory = path.join(closed, 'data', 'ledger');
    await expect(fixture.start(directory)).rejects.toEqual(
      failing(new RegExp(`may not enter ${closed}, .*chmod o\\+x ${closed}.*ledger: embedded:`)),
    );
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
    const said: string[] = [];
    const instead = await ledgerFolder(directory, (line) => said.push(line));
    fixture.adopt(path.dirname(instead));
    expect(said).toEqual([matching(new RegExp(`may not enter ${closed}`))]);
    await expect(fixture.start(instead)).resolves.toBeDefined();
  });
});
