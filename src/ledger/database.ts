/** One row as a driver gives it: column names to values. */
export type Columns = Readonly<Record<string, unknown>>;

/** A PostgreSQL database. Errors are the driver's own: they may hold personal data. */
export interface Database {
  /**
   * Runs one statement, with `$1`, `$2`, … for the parameters, in a transaction of its own. After `timeoutMs` without an answer
   * it is given up: it may have been done or not, and its connection is closed.
   */
  query(text: string, parameters?: readonly unknown[], timeoutMs?: number): Promise<Columns[]>;

  /**
   * Runs `work` on one connection and in one transaction, at READ COMMITTED: each of its statements sees what was committed before
   * that statement began. The transaction is rolled back if `work` throws, or if one of its statements failed, even if `work`
   * caught that. If the answer to the commit is lost, this throws, and the transaction may have been committed or not.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;

  /**
   * Runs `work` on one session and in one transaction, while nobody else does the same on this database, in this process
   * or another. What `work` did is taken back where it throws.
   */
  exclusively<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;

  close(): Promise<void>;
}

export interface Transaction {
  /** Runs one statement, with `$1`, `$2`, … for the parameters. One at a time: await each. */
  query(text: string, parameters?: readonly unknown[]): Promise<Columns[]>;
}

export interface Session {
  /** Runs one or several statements without parameters. @returns the rows of the last one */
  run(script: string): Promise<Columns[]>;
}
