import path from 'node:path';
import { ArchivistError } from '../domain/failures';
import type { Columns, Database, Session } from './database';
import { ledgerUnavailable } from './run-statement';
import { MIGRATIONS, neededSchemaVersion, newerSchema, SCHEMA_TABLE } from './schema';

/**
 * Brings the schema to the version that this code needs: all of it or, if one migration fails, nothing. Any number of
 * processes may do so at once; what is done already is left alone.
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

async function migrateSession(session: Session): Promise<number> {
  const [settings] = await session.run(
    `SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema`,
  );
  requireUtf8(settings);
  // Loaded here, since only setting up needs it, and by import(), since it is an ES module.
  const { default: Postgrator } = await import('postgrator');
  const migrator = new Postgrator({
    driver: 'pg',
    schemaTable: SCHEMA_TABLE,
    // Another schema of the same database may hold tables of the same names.
    currentSchema: String(settings?.['schema']),
    migrationPattern: `${escapeGlob(MIGRATIONS)}/*.do.*.sql`,
    // The same checksum for a checkout with CRLF.
    newline: 'LF',
    execQuery: async (query) => ({ rows: await session.run(query) }),
  });
  const needed = neededSchemaVersion();
  const version = await migrator.getDatabaseVersion();
  if (version > needed) throw newerSchema(version, needed);
  await migrator.migrate();
  return needed;
}

function requireUtf8(settings: Columns | undefined): void {
  if (settings?.['encoding'] === 'UTF8') return;
  throw new ArchivistError('LedgerUnavailable', 'The ledger needs a database whose encoding is UTF8.');
}

/** A path as a pattern that matches it and nothing else, whatever characters its folders have. */
export function escapeGlob(directory: string): string {
  return directory
    .split(path.sep)
    .join('/')
    .replace(/[\\?*()[\]{}!+@]/g, '\\$&');
}
