/** One row as a driver gives it: column names to values. */
export type Columns = Readonly<Record<string, unknown>>;

/** What PostgreSQL and PGlite have in common. Errors are the driver's own: they may hold personal data. */
export interface Database {
  /** Runs one statement, with `$1`, `$2`, … for the parameters, in a transaction of its own. */
  query(text: string, parameters?: readonly unknown[]): Promise<Columns[]>;

  /**
   * Runs `work` on one session and in one transaction, while nobody else does the same on this database, in this process
   * or another. What `work` did is taken back where it throws.
   */
  exclusively<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;

  close(): Promise<void>;
}

export interface Session {
  /** Runs one or several statements without parameters. @returns the rows of the last one */
  run(script: string): Promise<Columns[]>;
}
