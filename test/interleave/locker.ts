import type { Session } from '../support/postgres';
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
  isHolding = false;

  /** @param session of one connection */
  constructor(
    private readonly world: World,
    private readonly session: Session,
  ) {}

  /** Takes one lock, unless one is held or somebody has it. @returns whether it was taken */
  async lock(archiveId: string, what: Lock = this.#any()): Promise<boolean> {
    if (this.isHolding || this.world.scheduler.isAnyBusy) return false;
    const { tenant } = this.world;
    const [text, ...parameters] = STATEMENTS[what](tenant, archiveId);
    this.isHolding = true;
    this.held = `${what} ${archiveId}`;
    await this.session.query('BEGIN');
    await this.session.query(text, parameters);
    return true;
  }

  #any(): Lock {
    return this.world.random.pick(['row', 'row', 'chain', 'flights', 'flights', 'members', 'shared']);
  }

  /** Ends the transaction, and lets whoever waited for it go on to its next call. @returns whether there was one */
  async release(): Promise<boolean> {
    if (!this.isHolding) return false;
    await this.session.query('COMMIT');
    this.isHolding = false;
    await this.world.scheduler.settle();
    return true;
  }
}
