import { setTimeout as pause } from 'node:timers/promises';
import { ArchivistError, type FailureType } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import type { ReconcileReport } from '../../domain/reconciliation';
import { readList, type ListSources, type Reading, type ReadingTimes } from './read-list';
import { count } from '../metrics';

export type ListReader = ReturnType<typeof createListReader>;

export interface ListTimes extends ReadingTimes {
  /** How often the ledger is asked whether another process's list is through. */
  readonly pollMs: number;
  /** After which only a few go on waiting: they take the worker's places for short steps, which all tenants share. */
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

/** How many, the first to ask, wait for a list longer than `patienceMs`, and milliseconds after which the others ask again. */
const MOST_PATIENT = 15;
const ASK_AGAIN_MS = 15_000;

/** What somebody who needs a whole list is told as it is; every other failure means that there is no such list. */
const TOLD_AS_IT_IS: readonly FailureType[] = ['PlatformUnavailable', 'CredentialsRejected'];

/**
 * Reads platforms' lists for everybody in this process who needs one. A tenant's list is read by one process at a time, which the
 * ledger's lease sees to, with pauses in proportion to what the last one took; whoever asks meanwhile waits for the next one,
 * together with all others, or is content with one that another process has begun since.
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
     * Reads the list, without a pause before it, and reports what that did, also if the list is not whole.
     * @throws ArchivistError `UnknownTenant` or `LedgerUnavailable`
     */
    async read(tenant: TenantId, signal: AbortSignal): Promise<ReconcileReport> {
      const reading = await listsOf(tenant).ask(signal, true);
      if (reading === undefined) throw new TypeError('A reading of another process has no report here.');
      return reading.report;
    },
  };
}

/** Somebody who waits for a list. */
interface Asker {
  /** Only a reading of this process has a report. */
  readonly wantsReport: boolean;
  /** The database's time, not before the question; absent until it was looked at. */
  askedAt?: Date;
  /** `undefined`: another process has read a whole list. */
  settle(reading: Reading | undefined): void;
  fail(error: unknown): void;
}

class TenantLists {
  /** Those whose list has not begun. */
  readonly #waiting = new Set<Asker>();
  /** Those for whom a list is being read. */
  #served = new Set<Asker>();
  #isServing = false;
  /** Until when (of `performance.now`) no other list is begun. */
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
    // A list that nobody waits for any more is not read on.
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

  /** Until the pause after the last list is over, or somebody asks who does not wait for that; at least for a moment, in which others ask. */
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
    // Whoever asks after this line may mean an archive that the list comes too early for.
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
      // Whoever it was for: reconciliation, or an abandon that needed a list.
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

  /** A list that another process has begun after the question will do, unless a report is wanted. */
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
