import type { Database } from '../../src/ledger/postgres';
import { openPostgres } from '../../src/ledger/postgres';
import { migrate } from '../../src/ledger/schema';
import { sessionAt, type Session } from '../support/postgres';

const COUNT_WAITING = `
SELECT count(*)::integer AS waiting FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0`;

/** One connection for each actor, used again by later runs. */
export class Connections {
  readonly watcher: Database;
  readonly #opened: Database[] = [];
  #marks = 0;

  /** @param blocker the session that holds locks for as long as the scheduler wants */
  constructor(
    private readonly url: string,
    readonly blocker: Session,
  ) {
    this.watcher = openPostgres(url, { connections: 2 });
  }

  /** A number that no other run has. */
  mark(): number {
    return (this.#marks += 1);
  }

  free(isFree: (database: Database) => boolean): Database {
    const found = this.#opened.find(isFree);
    if (found !== undefined) return found;
    const opened = openPostgres(this.url, { connections: 1 });
    this.#opened.push(opened);
    return opened;
  }

  async countWaiting(): Promise<number> {
    const [row] = await this.watcher.query(COUNT_WAITING);
    return Number(row?.['waiting']);
  }

  async close(): Promise<void> {
    await Promise.all([this.watcher, this.blocker, ...this.#opened].map((database) => database.close()));
  }
}

/** The ledger's schema in an empty database, changed by `statements`. */
export async function connectTo(url: string, statements: readonly string[]): Promise<Connections> {
  const setUp = openPostgres(url);
  await migrate(setUp);
  for (const statement of statements) await setUp.query(statement);
  await setUp.close();
  return new Connections(url, await sessionAt(url));
}
