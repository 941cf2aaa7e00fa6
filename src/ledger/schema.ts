import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ArchivistError } from '../domain/failures';
import type { Database } from './database';
import { runStatement } from './run-statement';

export const MIGRATIONS = path.join(__dirname, 'migrations');
export const SCHEMA_TABLE = 'archivist_migrations';

/** The version of the schema that this code needs: that of its newest migration. */
export function neededSchemaVersion(): number {
  const versions = readdirSync(MIGRATIONS).map((file) => /^(\d+)\.do\..*\.sql$/.exec(file)?.[1] ?? 0);
  return Math.max(...versions.map(Number));
}

/** The version of the schema in the database; 0 if there is none yet. */
export async function schemaVersion(database: Database): Promise<number> {
  const name = 'schema version';
  const [found] = await runStatement(database, name, 'SELECT to_regclass($1) IS NOT NULL AS known', [
    SCHEMA_TABLE,
  ]);
  if (found?.['known'] !== true) return 0;
  const [row] = await runStatement(
    database,
    name,
    `SELECT coalesce(max(version), 0)::integer AS version FROM ${SCHEMA_TABLE}`,
  );
  return Number(row?.['version']);
}

/** @throws ArchivistError `LedgerUnavailable` that says what to do, unless the schema is the one that this code needs */
export async function requireSchema(database: Database): Promise<void> {
  const version = await schemaVersion(database);
  const needed = neededSchemaVersion();
  if (version === 0) {
    throw new ArchivistError('LedgerUnavailable', 'The ledger has no schema yet: run `archivist setup`.');
  }
  if (version < needed) {
    throw new ArchivistError(
      'LedgerUnavailable',
      `The ledger's schema is at version ${version}, this Archivist needs ${needed}: run \`archivist setup\`.`,
    );
  }
  if (version > needed) throw newerSchema(version, needed);
}

export function newerSchema(version: number, needed: number): ArchivistError {
  return new ArchivistError(
    'LedgerUnavailable',
    `The ledger's schema is at version ${version}, this Archivist knows only ${needed}: use the newer Archivist that made it.`,
  );
}
