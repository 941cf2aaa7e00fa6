import type { ArchiveKey, TenantId } from '../domain/ids';
import type { ShownState } from '../domain/states';
import type { Abandons } from './ports/abandons';
import type { Claims } from './ports/claims';
import type { LedgerEntry, LedgerEvent } from './ports/entries';
import type { Lists } from './ports/lists';
import type { Orders } from './ports/orders';
import type { Queue } from './ports/queue';
import type { Subscriptions } from './ports/subscriptions';
import type { Sweep } from './ports/sweep';

export type { Claims, ExpiryTerms, Fence, StepTaken } from './ports/claims';
export type { LedgerEntry, LedgerEvent, RecordNote } from './ports/entries';

/**
 * What is known of each archive, on PostgreSQL. A state only moves forward: every statement says in its WHERE clause from
 * where, so that no order of calls, retries or processes can take back what was reached. Every change that took effect appends
 * one event to the archive's hash chain, in the same transaction.
 *
 * Every method throws `ArchivistError` of type `LedgerUnavailable`, without the text of the database's error.
 */
export interface Ledger extends Claims, Queue, Lists, Abandons, Orders, Sweep, Subscriptions {
  /** Resolves when the database answers and takes writes. */
  ping(): Promise<void>;

  find(key: ArchiveKey): Promise<LedgerEntry | undefined>;

  /** The record as the platform gave it. Personal data: never to logs, errors, metrics or Temporal. */
  findRecord(key: ArchiveKey): Promise<string | undefined>;

  /** Entries, the latest change of state first. `attention`: all that need a person, whatever their state. */
  list(filter: {
    readonly state?: ShownState;
    readonly tenant?: TenantId;
    readonly limit: number;
  }): Promise<LedgerEntry[]>;

  /** The archive's events in order. */
  history(key: ArchiveKey): Promise<LedgerEvent[]>;

  /** Entries with a secured copy in the order of their keys, from the one after `after` on. */
  listSecured(page: {
    readonly tenant?: TenantId;
    readonly after?: ArchiveKey;
    readonly limit: number;
  }): Promise<LedgerEntry[]>;

  /** How many entries are in each state; those that need a person count as `attention`, whatever their state. */
  count(): Promise<Readonly<Record<ShownState, number>>>;

  /** The identity that the store at `url` had when it was first used. */
  storeIdentity(url: string): Promise<string | undefined>;

  /** Remembers the store's identity; the first one wins. @returns the one that is remembered */
  rememberStore(url: string, identity: string): Promise<string>;

  close(): Promise<void>;
}
