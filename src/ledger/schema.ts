import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { ArchivistError } from '../domain/failures';
import type { Database, RunScript } from './postgres';
import { ledgerUnavailable, unavailable } from './refusal';
import { runOn } from './run-statement';

const MIGRATIONS = path.join(__dirname, 'migrations');
const SCHEMA_TABLE = 'archivist_migrations';

/** The version of the schema that this code needs: that of its newest migration. */
export function neededSchemaVersion(): number {
  const versions = readdirSync(MIGRATIONS).map((file) => /^(\d+)\.do\..*\.sql$/.exec(file)?.[1] ?? 0);
  return Math.max(...versions.map(Number));
}

/** The version of the schema in the database; 0 if there is none yet. */
export async function schemaVersion(database: Database): Promise<number> {
  const run = runOn(database);
  const name = 'schema version';
  const [found] = await run(name, 'SELECT to_regclass($1) IS NOT NULL AS known', [SCHEMA_TABLE]);
  if (found?.['known'] !== true) return 0;
  const [row] = await run(name, `SELECT coalesce(max(version), 0)::integer AS version FROM ${SCHEMA_TABLE}`);
  return Number(row?.['version']);
}

/** @throws ArchivistError `LedgerUnavailable` that says what to do, unless the schema is the one that this code needs */
export async function requireSchema(database: Database): Promise<void> {
  const version = await schemaVersion(database);
  const needed = neededSchemaVersion();
  if (version === 0) throw unavailable('The ledger has no schema yet: run `archivist setup`.');
  if (version < needed)
    throw unavailable(
      `The ledger's schema is at version ${version}, this Archivist needs ${needed}: run \`archivist setup\`.`,
    );
  if (version > needed) throw newerSchema(version, needed);
}

function newerSchema(version: number, needed: number): ArchivistError {
  return unavailable(
    `The ledger's schema is at version ${version}, this Archivist knows only ${needed}: use the newer Archivist that made it.`,
  );
}

/**
 * Migrates the schema to the version that this code needs; if one migration fails, rolls all of them back. Any number of
 * processes may do so concurrently; migrations that are applied already are skipped.
 *
 * @returns the version of the schema
 * @throws ArchivistError `LedgerUnavailable`, also if the schema is newer than this code
 */
export async function migrate(database: Database): Promise<number> {
  try {
    return await database.exclusively(migrateSession);
  } catch (error) {
    throw ledgerUnavailable('migrate', error);
  }
}

async function migrateSession(run: RunScript): Promise<number> {
  const [settings] = await run(
    `SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema`,
  );
  if (settings?.['encoding'] !== 'UTF8')
    throw unavailable('The ledger needs a database whose encoding is UTF8.');
  const { schema } = settings;
  if (typeof schema !== 'string')
    throw unavailable(
      'The ledger has no schema to be set up in: `search_path` of the URL, the role or the database names none that exists and that ' +
        'the role may use. Make it (`CREATE SCHEMA`), grant its use (`GRANT USAGE, CREATE ON SCHEMA`), or correct `search_path`.',
    );
  // Loaded here because only set-up needs it, and by import() because it is an ES module.
  const { default: Postgrator } = await import('postgrator');
  const migrator = new Postgrator({
    driver: 'pg',
    schemaTable: SCHEMA_TABLE,
    // Another schema of the same database may hold tables of the same names.
    currentSchema: schema,
    migrationPattern: `${escapeGlob(MIGRATIONS)}/*.do.*.sql`,
    // The same checksum for a checkout with CRLF.
    newline: 'LF',
    // It would set `search_path`, which is right as it is, for the session, and a pooler gives that to others.
    execQuery: async (query) => ({ rows: query.startsWith('SET search_path') ? [] : await run(query) }),
  });
  const needed = neededSchemaVersion();
  const version = await migrator.getDatabaseVersion();
  if (version > needed) throw newerSchema(version, needed);
  await migrator.migrate();
  return needed;
}

/** Escapes a path as a glob pattern that matches only this path. */
function escapeGlob(directory: string): string {
  return directory
    .split(path.sep)
    .join('/')
    .replace(/[\\?*()[\]{}!+@]/g, '\\$&');
}
