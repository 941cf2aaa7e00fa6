import type { Database } from '../../src/ledger/postgres';
import type { World } from './world';

const ROW = 'SELECT FROM archives WHERE tenant = $1 AND archive_id = $2 FOR UPDATE';
/** Stops an order after it has written its row, and before it looks. */
const CHAIN = 'SELECT FROM chains WHERE tenant = $1 AND archive_id = $2 FOR UPDATE';
/** Stops a judgement after it has judged, and before its flight is committed. */
const FLIGHTS = 'LOCK TABLE abandons IN SHARE MODE';
const MEMBERS = 'SELECT pg_advisory_xact_lock(members_key($1))';
const MEMBERS_SHARED = 'SELECT pg_advisory_xact_lock_shared(members_key($1))';

type Lock = 'row' | 'chain' | 'flights' | 'members' | 'shared';

const STATEMENTS: Readonly<Record<Lock, (tenant: string, archiveId: string) => [string, ...string[]]>> = {
  row: (tenant, archiveId) => [ROW, tenant, archiveId],
  chain: (tenant, archiveId) => [CHAIN, tenant, archiveId],
  flights: () => [FLIGHTS],
  members: (tenant) => [MEMBERS, tenant],
  shared: (tenant) => [MEMBERS_SHARED, tenant],
};

/**
 * A transaction that stands still with a lock, as one of a process that was stopped: what waits for it waits in the middle of its own
 * statement, with the snapshot that it had.
 */
export class Locker {
  held = '';
  #release: (() => void) | undefined;
  #over: Promise<void> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly database: Database,
  ) {}

  get isHolding(): boolean {
    return this.#release !== undefined;
  }

  /** Takes one lock, unless one is held or somebody has it. @returns whether it was taken */
  async lock(archiveId: string, what: Lock = this.#any()): Promise<boolean> {
    if (this.isHolding || this.world.scheduler.isAnyBusy) return false;
    const { tenant } = this.world;
    let taken = (): void => undefined;
    const isTaken = new Promise<void>((resolve) => (taken = resolve));
    const released = new Promise<void>((resolve) => (this.#release = resolve));
    this.#over = this.database.transaction(async (transaction) => {
      const [text, ...parameters] = STATEMENTS[what](tenant, archiveId);
      await transaction.query(text, parameters);
      taken();
      await released;
    });
    this.held = `${what} ${archiveId}`;
    await isTaken;
    return true;
  }

  #any(): Lock {
    return this.world.random.pick(['row', 'row', 'chain', 'flights', 'flights', 'members', 'shared']);
  }

  /** Ends the transaction. @returns whether there was one */
  async release(): Promise<boolean> {
    if (this.#release === undefined) return false;
    this.#release();
    this.#release = undefined;
    await this.#over;
    return true;
  }
}
