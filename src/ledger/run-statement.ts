import type { Columns, Database } from './postgres';
import { ledgerUnavailable } from './refusal';

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
 * Calls an SQL function of the migrations. A parameter that is `undefined` becomes NULL.
 * @returns the function's result, as JSON: a value, or the columns of its row
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

/** Milliseconds as a PostgreSQL interval. */
export function interval(ms: number): string {
  return `${ms} milliseconds`;
}

export function runOn(database: Database): Run {
  return async (name, ...statement) => {
    try {
      return await database.query(...statement);
    } catch (error) {
      throw ledgerUnavailable(name, error);
    }
  };
}
