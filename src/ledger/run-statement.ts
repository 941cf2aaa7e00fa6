import { errorCode } from '../domain/error-code';
import { ArchivistError } from '../domain/failures';
import type { Columns, Database } from './postgres';

/**
 * Runs one statement of the ledger. The error names the statement and the SQLSTATE or errno, never the database's own
 * text, which quotes rows and with them personal data.
 *
 * @throws ArchivistError `LedgerUnavailable`
 */
export type Run = (
  name: string,
  text: string,
  parameters?: readonly unknown[],
  timeoutMs?: number,
) => Promise<Columns[]>;

/**
 * Calls a function of the migrations. NULL stands for a parameter that is `undefined`.
 * @returns what the function gives, as JSON: a value, or the columns of its row
 */
export async function call<Result>(
  run: Run,
  name: string,
  ...parameters: readonly unknown[]
): Promise<Result> {
  const places = parameters.map((_, index) => `$${index + 1}`).join(', ');
  const statement = `SELECT to_jsonb(${name}(${places})) AS result`;
  const [row] = await run(name.replaceAll('_', ' '), statement, parameters);
  return row?.['result'] as Result;
}

/** Milliseconds, as PostgreSQL reads an interval. */
export function interval(ms: number): string {
  return `${ms} milliseconds`;
}

/** SQLSTATEs of a table, a column or a function that does not exist. */
const NOT_SET_UP = ['42P01', '42703', '42883'];

export function runOn(database: Database): Run {
  return async (name, ...statement) => {
    try {
      return await database.query(...statement);
    } catch (error) {
      throw ledgerUnavailable(name, error);
    }
  };
}

/** An error of a driver, as one that is safe to show. */
export function ledgerUnavailable(name: string, error: unknown): ArchivistError {
  if (error instanceof ArchivistError) return error;
  const found = errorCode(error);
  const code = /^[A-Z0-9_]{3,40}$/.test(found) ? found : 'no answer';
  const hint = NOT_SET_UP.includes(code) ? ' Run `archivist setup`.' : '';
  return new ArchivistError('LedgerUnavailable', `The ledger could not do "${name}" (${code}).${hint}`);
}
