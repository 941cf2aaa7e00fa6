import type { Database } from '../../src/ledger/database';
import type { World } from './world';

const ROW = 'SELECT FROM archives WHERE tenant = $1 AND archive_id = $2 FOR UPDATE';
const MEMBERS = 'SELECT pg_advisory_xact_lock(members_key($1))';
const MEMBERS_SHARED = 'SELECT pg_advisory_xact_lock_shared(members_key($1))';

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
  async lock(archiveId: string): Promise<boolean> {
    if (this.isHolding || this.world.scheduler.isAnyBusy) return false;
    const { tenant, random } = this.world;
    const what = random.pick(['row', 'row', 'members', 'shared']);
    let taken = (): void => undefined;
    const isTaken = new Promise<void>((resolve) => (taken = resolve));
    const released = new Promise<void>((resolve) => (this.#release = resolve));
    this.#over = this.database.transaction(async (transaction) => {
      if (what === 'row') await transaction.query(ROW, [tenant, archiveId]);
      else await transaction.query(what === 'members' ? MEMBERS : MEMBERS_SHARED, [tenant]);
      taken();
      await released;
    });
    this.held = what === 'row' ? archiveId : what;
    await isTaken;
    return true;
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
