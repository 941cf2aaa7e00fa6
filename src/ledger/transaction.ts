/** Milliseconds that the server may work on one statement. */
export const STATEMENT_TIMEOUT_MS = 30_000;

/** What a statement means, prints and makes durable depends on these. They override the settings of server, database and role. */
const SETTINGS = {
  // A date in another style is read as null by the driver, or as another day.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  // With fewer digits a count of 12,345 is printed as 1e+04.
  extra_float_digits: '1',
  // If a policy hides a row, the statement fails; otherwise the archive would seem unknown.
  row_security: 'off',
  // Otherwise a search by conference may leave members out.
  gin_fuzzy_search_limit: '0',
  // Committed data survives a crash of the server.
  synchronous_commit: 'on',
} as const;

const TIMEOUTS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  // If a lock takes longer than this, its holder hangs.
  lock_timeout: 10_000,
  // If a process stops in the middle of a transaction, the server releases its locks after this.
  idle_in_transaction_session_timeout: 15_000,
} as const;

/** PostgreSQL 16 does not know this setting, so that `SET` would fail. */
const NO_TRANSACTION_TIMEOUT = `CASE
  WHEN current_setting('server_version_num')::integer >= 170000 THEN set_config('transaction_timeout', '0', true)
END`;

/** Begins a transaction that means the same on every server. */
export const BEGIN = begin(TIMEOUTS);

/** As {@link BEGIN}, but with no limit on work and waits. */
export const BEGIN_UNBOUNDED = begin({
  statement_timeout: 0,
  lock_timeout: 0,
  idle_in_transaction_session_timeout: 0,
});

/**
 * The settings end with the transaction. So they also work behind a pooler, which gives each transaction another session, and
 * affect no other client there (decision 0034). READ COMMITTED, so that a statement after a wait for a lock sees what its last
 * holder has committed.
 */
function begin(timeouts: Readonly<Record<keyof typeof TIMEOUTS, number>>): string {
  const pinned = Object.entries({ ...SETTINGS, ...timeouts });
  return `BEGIN ISOLATION LEVEL READ COMMITTED;
${pinned.map(([name, value]) => `SET LOCAL ${name} = '${value}'`).join(';\n')};
SELECT current_setting('transaction_read_only') AS read_only, ${NO_TRANSACTION_TIMEOUT}`;
}

/**
 * @param begun the result of {@link BEGIN}
 * @throws Error as the server throws it at a write, if the session is read-only: the data of a standby may be outdated
 */
export function requireWritable([begun]: readonly Readonly<Record<string, unknown>>[]): void {
  if (begun?.['read_only'] !== 'off') throw Object.assign(new Error('read-only'), { code: '25006' });
}
