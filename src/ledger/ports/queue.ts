import type { ArchiveKey, TenantId } from '../../domain/ids';
import type { ClaimState } from '../../domain/states';

/**
 * Why an archive is in the queue: a notification (`hint`), the platform's list, a person's order, or that something which kept
 * its claim from going on is gone (`retry`). Only hints may be about archives that do not exist.
 */
export type QueueOrigin = 'hint' | 'list' | 'order' | 'retry';

/** Archives whose claims are to be started or woken: one row an archive, until its claim has begun in the ledger. */
export interface Queue {
  /**
   * Keeps notifications, durably and all at once. `duplicate`: the queue had it, or `archives` has it and nothing is to be
   * gained from the news (done, decided, or under way and not waiting).
   * @param timeoutMs after which the statement is given up and its connection closed, so that the next one gets another
   * @returns one answer for each, in the order given
   */
  enqueueHints(keys: readonly ArchiveKey[], timeoutMs: number): Promise<('accepted' | 'duplicate')[]>;

  /**
   * Queues archives at once; one that is there already becomes due, its origin is the stronger one, and its lease, if it has
   * one, ends: its holder does not know of the news.
   */
  enqueue(keys: readonly ArchiveKey[], origin: Exclude<QueueOrigin, 'hint'>): Promise<void>;

  /**
   * Leases up to `limit` rows that are due, fair to the tenants, lists and orders before hints. Nobody else gets them for
   * `leaseMs`; then they are due again, unless they are gone.
   * @param leasedBy names this lease and no other
   */
  lease(bounds: {
    readonly tenants: readonly TenantId[];
    readonly limit: number;
    readonly leaseMs: number;
    readonly leasedBy: string;
  }): Promise<LeasedRow[]>;

  /**
   * Makes rows due again `dueInMs` from now; with 0 as if they were never leased: the lease is not counted as an attempt. Rows
   * that are gone stay away, and rows that are no longer leased by `leasedBy` are left alone.
   */
  postpone(rows: readonly (ArchiveKey & { readonly dueInMs: number })[], leasedBy: string): Promise<void>;

  /** Removes rows that are still leased by `leasedBy`: what they asked for is done, decided or under way. */
  dequeue(keys: readonly ArchiveKey[], leasedBy: string): Promise<void>;

  /**
   * The platform answered 404 for an archive that nobody ever saw. A hint is due again after 1, 5, 15 and 40 minutes, by the
   * number of such answers, and dropped then; any other row stays.
   */
  noteUnknown(key: ArchiveKey): Promise<'postponed' | 'dropped' | 'kept' | 'absent'>;

  measureQueue(): Promise<QueueMeasure>;
}

export interface LeasedRow extends ArchiveKey {
  readonly tenant: TenantId;
  readonly origin: QueueOrigin;
  /** How often it was leased, this time included. */
  readonly attempts: number;
  /** What the ledger knows of the archive; absent if there is no row. */
  readonly known?: {
    readonly state: ClaimState;
    /** Whether a claim has ever begun, and has not ended. */
    readonly underWay: boolean;
    /** Whether nothing is left to claim, or a person decided against it, or it is secured and held. */
    readonly settled: boolean;
    readonly attention: boolean;
  };
}

export interface QueueMeasure {
  readonly entries: number;
  /** How long the oldest that is due has been due, in seconds; 0 if there is none. */
  readonly oldestSeconds: number;
}
