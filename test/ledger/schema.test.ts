import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLedger } from '../../src/ledger/ledger';
import { openPostgres, type Database } from '../../src/ledger/postgres';
import { migrate, neededSchemaVersion, requireSchema, schemaVersion } from '../../src/ledger/schema';
import { newKey } from './archives';
import { createDatabase, unpooled, withDatabase } from '../support/postgres';

const ROOT = path.resolve(__dirname, '../..');
const NEEDED = neededSchemaVersion();

withDatabase((database) => {
  it('the schema has the version that the code needs, also when it is set up again', async () => {
    expect(await migrate(database())).toBe(NEEDED);
    expect(await schemaVersion(database())).toBe(NEEDED);
    await requireSchema(database());
  });

  it('a schema that is newer than the code stays unchanged, and the error says so', async () => {
    await database().query('INSERT INTO archivist_migrations (version) VALUES ($1)', [NEEDED + 1]);
    const error = {
      type: 'LedgerUnavailable',
      message: `The ledger's schema is at version ${NEEDED + 1}, this Archivist knows only ${NEEDED}: use the newer Archivist that made it.`,
    };
    await expect(requireSchema(database())).rejects.toMatchObject(error);
    await expect(migrate(database())).rejects.toMatchObject(error);
    await database().query('DELETE FROM archivist_migrations WHERE version = $1', [NEEDED + 1]);
  });

  it('a schema that is older than the code is refused, and the error says what to do', async () => {
    await database().query('UPDATE archivist_migrations SET version = -version WHERE version = $1', [NEEDED]);
    await expect(requireSchema(database())).rejects.toMatchObject({
      type: 'LedgerUnavailable',
      message: `The ledger's schema is at version ${NEEDED - 1}, this Archivist needs ${NEEDED}: run \`archivist setup\`.`,
    });
    await database().query('UPDATE archivist_migrations SET version = -version WHERE version = $1', [
      -NEEDED,
    ]);
  });
});

describe('on PostgreSQL', () => {
  let url: string;
  let database: Database;
  beforeEach(async () => {
    url = unpooled(await createDatabase());
    database = openPostgres(url);
  });
  afterEach(() => database.close());

  it('a missing schema makes every call fail, and the error says what to do', async () => {
    expect(await schemaVersion(database)).toBe(0);
    const message = 'The ledger has no schema yet: run `archivist setup`.';
    await expect(requireSchema(database)).rejects.toMatchObject({ type: 'LedgerUnavailable', message });
    await expect(createLedger(database).find(newKey())).rejects.toMatchObject({
      message: 'The ledger could not do "find" (42P01). Run `archivist setup`.',
    });
  });

  it('concurrent setups create the schema once', async () => {
    const processes = Array.from({ length: 5 }, () => openPostgres(url));
    const versions = await Promise.all(processes.map(migrate));
    await Promise.all(processes.map((process) => process.close()));
    expect(versions).toEqual([NEEDED, NEEDED, NEEDED, NEEDED, NEEDED]);
    const rows = await database.query('SELECT version::integer FROM archivist_migrations ORDER BY version');
    expect(rows.map((row) => row['version'])).toEqual(
      Array.from({ length: NEEDED + 1 }, (_, version) => version),
    );
  });

  it('a setup creates the whole schema or nothing', async () => {
    await database.query('CREATE TABLE stores (of_somebody_else text)');
    await expect(migrate(database)).rejects.toMatchObject({
      type: 'LedgerUnavailable',
      message: 'The ledger could not do "migrate" (42P07).',
    });
    expect(await schemaVersion(database)).toBe(0);
    await database.query('DROP TABLE stores');
    expect(await migrate(database)).toBe(NEEDED);
  });

  it('several schemas of one database can each hold a ledger', async () => {
    await database.query('CREATE SCHEMA first');
    await database.query('CREATE SCHEMA second');
    for (const schema of ['first', 'second']) {
      const inSchema = new URL(url);
      inSchema.searchParams.set('options', `-csearch_path=${schema}`);
      const one = openPostgres(inSchema.href);
      expect(await schemaVersion(one)).toBe(0);
      expect(await migrate(one)).toBe(NEEDED);
      await requireSchema(one);
      await one.close();
    }
  });

  it('setup finds its migrations in a checkout whose path has characters of glob patterns', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'archivist-paths-'));
    const checkout = path.join(parent, '[a] {b,c} (d) !e +(f) @g');
    await cp(path.join(ROOT, 'src/ledger'), path.join(checkout, 'src/ledger'), { recursive: true });
    await cp(path.join(ROOT, 'src/domain'), path.join(checkout, 'src/domain'), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules'), path.join(checkout, 'node_modules'));
    const script = `
      const { openPostgres } = require('./src/ledger/postgres');
      const database = openPostgres(process.argv[1]);
      require('./src/ledger/schema').migrate(database).then(console.log).finally(() => database.close());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-r', 'tsx/cjs', '-e', script, url], {
      cwd: checkout,
    });
    expect(stdout.trim()).toBe(String(NEEDED));
    await requireSchema(database);
    await rm(parent, { recursive: true });
  });
});
