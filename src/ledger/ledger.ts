import type { SecuredArchive } from '../domain/claim';
import type { FailureType } from '../domain/failures';
import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../domain/ids';
import type { Abandons } from './ports/abandons';
import type { Lists } from './ports/lists';
import type { Orders } from './ports/orders';
import type { Queue } from './ports/queue';
import type { Subscriptions } from './ports/subscriptions';
import type { Sweep } from './ports/sweep';
import type { ClaimState, ShownState } from '../domain/states';

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

/**
 * The fencing token of one attempt of one step. It is compared as the tuple `(at, runId, step, attempt)`: Temporal schedules no
 * attempt of a closed or reset run, so a later attempt has a later time.
 */
export interface Fence {
  /** `currentAttemptScheduledTimestampMs` of the activity. */
  readonly at: number;
  readonly runId: string;
  readonly step: number;
  readonly attempt: number;
}

/** When what is due after the platform was told, in milliseconds. */
export interface ExpiryTerms {
  /** When the copy is verified again, before the platform deletes its file. */
  readonly recheckMs: number;
  /** When the platform should have deleted its file. */
  readonly periodMs: number;
}

/** What a claim's (or a repair's) steps write. `fenced`: a later attempt has taken the row over, or the claim has ended. */
export interface Claims {
  /**
   * The first step, for each poll: writes what the record showed, takes the row over and removes the archive from the queue.
   * What a person decided stands: then the decision is the verdict, and the row is not taken over.
   */
  beginClaim(
    key: ArchiveKey,
    fence: Fence,
    begin: { readonly deadlineAt: number; readonly record: RecordNote; readonly expiry: ExpiryTerms },
  ): Promise<{
    readonly verdict: 'taken' | 'fenced' | 'giveUp' | 'cancelled' | 'deadline';
    readonly entry: LedgerEntry;
  }>;

  /** A later step takes the row over, and moves it to `state` unless a copy is secured. `unknown`: there is no row (a restored backup). */
  takeStep(key: ArchiveKey, fence: Fence, state?: 'downloading' | 'verifying'): Promise<StepTaken>;

  /** A fixity check that failed. `found` is empty if the copy could not be read. */
  noteBadCopy(
    key: ArchiveKey,
    fence: Fence,
    found: { readonly sha256?: string; readonly sizeBytes?: number },
  ): Promise<'taken' | 'fenced' | 'unknown'>;

  /**
   * `secured`: only ever called with a verified, sealed copy. If a copy is secured already, only the same SHA-256 counts: that
   * was a repair (`repaired`); `other` for another SHA-256, which changes nothing.
   */
  secureCopy(
    key: ArchiveKey,
    fence: Fence,
    copy: SecuredArchive & { readonly warning?: FailureType },
  ): Promise<'secured' | 'repaired' | 'other' | 'fenced' | 'unknown'>;

  /** Shows that a person should look, and why. */
  needAttention(key: ArchiveKey, fence: Fence, reason: FailureType): Promise<'taken' | 'fenced' | 'unknown'>;

  /**
   * Ends the claim off its path. `failed` and `missed` are states; without `state` the state stays (a claim that ends at
   * `secured`). Never changes `abandoned` or `closed`; never `missed` once a copy was secured.
   */
  endClaim(
    key: ArchiveKey,
    fence: Fence,
    end: { readonly state?: 'failed' | 'missed'; readonly reason: string },
  ): Promise<'taken' | 'fenced' | 'unknown'>;
}

export type StepTaken =
  | { readonly verdict: 'taken'; readonly entry: LedgerEntry }
  | { readonly verdict: 'fenced'; readonly entry: LedgerEntry }
  | { readonly verdict: 'unknown' };

export interface LedgerEntry extends ArchiveKey {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
  /** The record's conference: the first of `conferenceIds`. */
  readonly conferenceId?: ConferenceId;
  /** Every conference that the archive was ever shown in. */
  readonly conferenceIds: readonly ConferenceId[];
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly location?: string;
  readonly state: ClaimState;
  readonly stateSince: Date;
  readonly platformStatus?: string;
  /** Why a person should look: a failure type. */
  readonly attention?: { readonly reason: string; readonly since: Date };
  readonly warning?: string;
  readonly accepted: readonly string[];
  /** The run of the claim (or repair) that wrote last; absent if none ever began. */
  readonly runId?: string;
  readonly ended?: { readonly at: Date; readonly reason: string };
  readonly deadlineAt?: Date;
  readonly decided?: {
    readonly decision: 'giveUp' | 'cancelled' | 'deadline';
    readonly by: string;
    readonly at: Date;
  };
  /** Who keeps it from being abandoned. */
  readonly held?: { readonly by: string; readonly since: Date };
  /** Who wants it abandoned although copy-only mode is on. */
  readonly abandonWanted?: { readonly by: string; readonly at: Date };
  readonly announcedAt: Date;
  /** When a copy was last sealed. */
  readonly securedAt?: Date;
  /** When the platform first showed that it was told. */
  readonly toldAt?: Date;
  /** When the record said EXPIRED. */
  readonly expiredAt?: Date;
  /** The latest fixity check of the sealed copy. */
  readonly fixity?: { readonly ok: boolean; readonly at: Date };
  readonly fixityDueAt?: Date;
  readonly confirmDueAt?: Date;
}

/** What a record showed. */
export interface RecordNote {
  readonly conferenceId?: ConferenceId;
  readonly platformStatus: string;
  /** Lower-case hex. */
  readonly sha256?: string;
  /** The response body exactly as it came; valid JSON. */
  readonly source: string;
}

export interface LedgerEvent {
  readonly sequence: number;
  readonly at: Date;
  /** A term of the PREMIS event type vocabulary. */
  readonly type: string;
  readonly outcome: 'success' | 'failure' | 'warning';
  readonly detail: Readonly<Record<string, unknown>>;
  /** SHA-256, hex, over this event and the hash of the one before. */
  readonly hash: string;
}
