/** Milliseconds that the server works on one statement. */
export const STATEMENT_TIMEOUT_MS = 30_000;

/** What a statement means, what it prints and whether it lasts depends on these, whatever server, database and role have set. */
const SETTINGS = {
  // A date in another style is read as null by the driver, or as another day.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  // With fewer digits a count of 12,345 is printed as 1e+04.
  extra_float_digits: '1',
  // A row that a policy hides is an error, not an archive that nobody knows.
  row_security: 'off',
  // Otherwise a search by conference may leave members out.
  gin_fuzzy_search_limit: '0',
  // What is committed outlives a crash of the server.
  synchronous_commit: 'on',
} as const;

const TIMEOUTS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  // Waiting longer for a lock than this means that its holder stands still.
  lock_timeout: 10_000,
  // A transaction whose process stopped in the middle of it gives its locks back after this.
  idle_in_transaction_session_timeout: 15_000,
  // PostgreSQL 17 and later.
  transaction_timeout: 0,
} as const;

/** Begins a transaction that means the same on every server. */
export const BEGIN = begin(TIMEOUTS);

/** As {@link BEGIN}, for work that may take and wait as long as it likes. */
export const BEGIN_UNBOUNDED = begin({
  statement_timeout: 0,
  lock_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  transaction_timeout: 0,
});

/**
 * The settings end with the transaction, so that they are in force behind a pooler, which gives each transaction another session, and
 * reach nobody else there (decision 0034). READ COMMITTED, so that what is read after the wait for a lock is what the one before has
 * committed.
 */
function begin(timeouts: Readonly<Record<keyof typeof TIMEOUTS, number>>): string {
  const pinned = Object.entries({ ...SETTINGS, ...timeouts }).map(
    ([name, value]) => `('${name}', '${value}')`,
  );
  return `BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT current_setting('transaction_read_only') AS read_only, count(set_config(name, value, true))
FROM (VALUES ${pinned.join(', ')}) AS pinned (name, value)
WHERE current_setting(name, true) IS NOT NULL`;
}

/**
 * @param begun what {@link BEGIN} answered
 * @throws Error as the server throws at a write, if nothing can be written: what is read there may be long out of date
 */
export function requireWritable([begun]: readonly Readonly<Record<string, unknown>>[]): void {
  if (begun?.['read_only'] !== 'off') throw Object.assign(new Error('read-only'), { code: '25006' });
}
