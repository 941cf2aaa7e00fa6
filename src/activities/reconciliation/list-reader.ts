import { setTimeout as pause } from 'node:timers/promises';
import { ArchivistError, type FailureType } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { readList, type ListSources, type Reading, type ReadingTimes } from './read-list';
import { count } from '../metrics';

export type ListReader = ReturnType<typeof createListReader>;

export interface ListTimes extends ReadingTimes {
  /** How often the ledger is asked whether another process has read the list. */
  readonly pollMs: number;
  /** After this only a few callers go on waiting: each takes a slot for short steps in the worker, which all tenants share. */
  readonly patienceMs: number;
}

const USUAL_TIMES: ListTimes = {
  leaseMs: 20_000,
  renewEveryMs: 5_000,
  longestReadingMs: 60 * 60_000,
  pauseFactor: 10,
  longestPauseMs: 60_000,
  pollMs: 250,
  patienceMs: 5_000,
};

/** How many callers (the first ones) wait longer than `patienceMs`, and milliseconds after which the others ask again. */
const MOST_PATIENT = 15;
const ASK_AGAIN_MS = 15_000;

/** Failures that `next` throws unchanged; it turns every other failure into `ListIncomplete`. */
const TOLD_AS_IT_IS: readonly FailureType[] = ['PlatformUnavailable', 'CredentialsRejected'];

/**
 * Reads the platforms' lists for all callers in this process. One process at a time reads a tenant's list, under a lease in the
 * ledger, with pauses in proportion to the duration of the last reading. Concurrent callers share the next list, or take one
 * that another process has begun since they asked.
 */
export function createListReader(sources: ListSources, times: Partial<ListTimes> = {}) {
  const byTenant = new Map<TenantId, TenantLists>();
  const listsOf = (tenant: TenantId): TenantLists => {
    const lists = byTenant.get(tenant) ?? new TenantLists(sources, tenant, { ...USUAL_TIMES, ...times });
    byTenant.set(tenant, lists);
    return lists;
  };
  return {
    /**
     * Resolves when a whole list that began after the call is committed.
     * @throws ArchivistError `ListAwaited`, `ListIncomplete`, `PlatformUnavailable`, `CredentialsRejected`, `UnknownTenant` or `LedgerUnavailable`
     */
    async next(tenant: TenantId, signal: AbortSignal): Promise<void> {
      const { failure } = (await listsOf(tenant).ask(signal, false)) ?? {};
      if (failure === undefined) return;
      if (TOLD_AS_IT_IS.includes(failure.type)) throw failure;
      throw new ArchivistError('ListIncomplete', failure.message, failure.retryAfterMs);
    },

    /**
     * Reads the list without a pause before it, and returns a report, even if the list is not whole.
     * @throws ArchivistError `UnknownTenant` or `LedgerUnavailable`
     */
    async read(tenant: TenantId, signal: AbortSignal): Promise<ReconcileReport> {
      const reading = await listsOf(tenant).ask(signal, true);
      if (reading === undefined) throw new TypeError('A reading of another process has no report here.');
      return reading.report;
    },
  };
}

/** A caller that waits for a list. */
interface Asker {
  /** Only a reading of this process has a report. */
  readonly wantsReport: boolean;
  /** The database's time at the first look for this caller, so not before its call; absent until then. */
  askedAt?: Date;
  /** `undefined`: another process has read a whole list. */
  settle(reading: Reading | undefined): void;
  fail(error: unknown): void;
}

class TenantLists {
  /** Callers whose list has not begun. */
  readonly #waiting = new Set<Asker>();
  /** Callers for whom a list is being read. */
  #served = new Set<Asker>();
  #isServing = false;
  /** No other list is begun before this time (of `performance.now`). */
  #freeAt = 0;
  #reading = new AbortController();

  constructor(
    private readonly sources: ListSources,
    private readonly tenant: TenantId,
    private readonly times: ListTimes,
  ) {}

  async ask(signal: AbortSignal, wantsReport: boolean): Promise<Reading | undefined> {
    signal.throwIfAborted();
    this.sources.platformOf(this.tenant);
    let leave = (): void => undefined;
    let patience: NodeJS.Timeout | undefined;
    try {
      return await new Promise((settle, fail) => {
        const asker: Asker = { wantsReport, settle, fail };
        leave = () => this.#leave(asker, signal.reason);
        signal.addEventListener('abort', leave, { once: true });
        if (!wantsReport) patience = setTimeout(() => this.#makeRoom(asker), this.times.patienceMs);
        this.#waiting.add(asker);
        if (!this.#isServing) void this.#serve();
      });
    } finally {
      clearTimeout(patience);
      signal.removeEventListener('abort', leave);
    }
  }

  #makeRoom(asker: Asker): void {
    if ([...this.#served, ...this.#waiting].indexOf(asker) < MOST_PATIENT) return;
    const slow = new ArchivistError('ListAwaited', `The list of ${this.tenant} takes long.`, ASK_AGAIN_MS);
    this.#leave(asker, slow);
  }

  #leave(asker: Asker, reason: unknown): void {
    asker.fail(reason);
    this.#waiting.delete(asker);
    // Stops reading a list when no caller waits for it any more.
    if (this.#served.delete(asker) && this.#served.size === 0) this.#reading.abort(reason);
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#waiting.size > 0) {
      await this.#rest();
      try {
        if (!(await this.#tryToRead())) await this.#lookElsewhere();
      } catch (error) {
        for (const asker of [...this.#waiting, ...this.#served]) asker.fail(error);
        this.#waiting.clear();
      }
      this.#served = new Set();
    }
    this.#isServing = false;
  }

  /** Waits until the pause after the last list is over, or an urgent caller asks; at least for a moment, so that others join. */
  async #rest(): Promise<void> {
    do {
      const left = this.#isUrgent ? 0 : this.#freeAt - performance.now();
      await pause(Math.max(Math.min(left, this.times.pollMs), 0), undefined, { ref: false });
    } while (!this.#isUrgent && this.#freeAt > performance.now());
  }

  /** Reconciliation is rare; the pauses are for abandons, which may need a list at any time. */
  get #isUrgent(): boolean {
    return [...this.#waiting].some(({ wantsReport }) => wantsReport);
  }

  /** @returns `false` if another process reads the list, or the pause after its reading runs */
  async #tryToRead(): Promise<boolean> {
    const { sources, tenant, times } = this;
    // A caller that asks after this line may need a list that begins later than this one.
    const asked = [...this.#waiting];
    if (asked.length === 0) return true;
    const id = await sources.ledger.beginList(tenant, sources.workerId, times.leaseMs, this.#isUrgent);
    if (id === undefined) return false;
    this.#served = new Set(asked.filter((asker) => this.#waiting.delete(asker)));
    this.#reading = new AbortController();
    if (this.#served.size === 0) this.#reading.abort();
    const { signal } = this.#reading;
    const begun = performance.now();
    try {
      const reading = await readList(sources, tenant, id, times, signal);
      const { queued, incomplete } = reading.report;
      // Counted for reconciliation and for abandons alike.
      count(tenant, {
        archivist_reconcile_queued: queued,
        ...(incomplete !== undefined && { archivist_reconcile_incomplete: 1 }),
      });
      for (const asker of this.#served) asker.settle(reading);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      const now = performance.now();
      this.#freeAt = now + Math.min((now - begun) * times.pauseFactor, times.longestPauseMs);
    }
    return true;
  }

  /** Settles callers that want no report if another process has read a whole list that began after they asked. */
  async #lookElsewhere(): Promise<void> {
    const asked = [...this.#waiting];
    const { begunAt, now } = await this.sources.ledger.latestList(this.tenant);
    for (const asker of asked) {
      asker.askedAt ??= now;
      if (asker.wantsReport || begunAt === undefined || begunAt <= asker.askedAt) continue;
      if (this.#waiting.delete(asker)) asker.settle(undefined);
    }
    if (this.#waiting.size > 0) await pause(this.times.pollMs, undefined, { ref: false });
  }
}
