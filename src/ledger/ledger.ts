import type { SecuredArchive } from '../domain/claim';
import type { FailureType } from '../domain/failures';
import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../domain/ids';
import type { RecordedDecision } from '../domain/orders';
import type { ClaimState, OpenState } from '../domain/states';
import type { Inbox } from './inbox';
import type { Reconciliation } from './reconciliation';
import type { Subscriptions } from './subscriptions';

/**
 * What is known of each archive, in PostgreSQL. A state only moves forward: every statement says in its WHERE
 * clause from where, so that no order of calls, retries or processes can take back what was reached. Every change that
 * took effect appends one event to the archive's hash chain, in the same statement.
 *
 * Every method throws `ArchivistError` of type `LedgerUnavailable`, without the text of the database's error.
 */
export interface Ledger extends Inbox, Reconciliation, Subscriptions {
  /** Resolves when the database answers. */
  ping(): Promise<void>;

  find(key: ArchiveKey): Promise<LedgerEntry | undefined>;

  /** Entries without their records (`recordSource`), the latest changed first. `attention`: all that need a person. */
  list(filter: {
    readonly state?: ClaimState;
    readonly tenant?: TenantId;
    readonly limit: number;
  }): Promise<LedgerEntry[]>;

  /** The archive's events in order. */
  history(key: ArchiveKey): Promise<LedgerEvent[]>;

  /**
   * Keeps the platform's record, whole, until a copy is secured, and its status from then on; makes the entry (state `announced`)
   * where there is none. Never touches the state else.
   */
  noteRecord(key: ArchiveKey, record: RecordNote): Promise<void>;

  /** Moves between open states, or back into one from `attention`, `failed` or `missed`; makes the entry where there is none. Does nothing once secured. */
  progress(key: ArchiveKey, state: OpenState): Promise<void>;

  /** Records that the copy was read back and what that showed: a fixity check. Does not change the state. */
  noteVerification(key: ArchiveKey, result: VerificationNote): Promise<void>;

  /**
   * `secured`: only ever called with a verified, sealed copy. Where one is secured already, the same SHA-256 and conference
   * move `failed` back to `secured` and clear `attention`, and do nothing else; another SHA-256 or conference does nothing.
   */
  secure(key: ArchiveKey, copy: SecuredArchive): Promise<void>;

  /**
   * The last look before an abandon.
   * @returns `safe` only where the ledger says `secured` (or `abandoned`) for this very SHA-256 and conference, has the
   * event of a copy that was read back with that SHA-256, no archive of the conference is held, and no other one that the
   * platform may still have, by its list or by its record, is without a secured copy
   */
  judgeAbandon(
    key: ArchiveKey,
    expected: {
      readonly conferenceId: ConferenceId;
      readonly sha256: string;
      /** Other archives of the conference that the platform may still have, by what it lists. */
      readonly others?: readonly ArchiveId[];
    },
  ): Promise<AbandonVerdict>;

  /** `abandoned`: the platform confirmed it. Only from `secured`, or from `failed` where the copy is secured. Ends a hold. */
  abandon(key: ArchiveKey, platformStatus: string): Promise<void>;

  /** `attention`, with the reason. Only before `secured`; a secured entry keeps its state and shows the reason. */
  needAttention(key: ArchiveKey, reason: FailureType): Promise<void>;

  /** `failed`: given up or past its deadline. Never from `abandoned`, `closed` or `missed`. What is secured stays recorded as such. */
  fail(key: ArchiveKey, reason: FailureType): Promise<void>;

  /** `missed`: it expired before there was a copy. Never once secured. */
  miss(key: ArchiveKey): Promise<void>;

  /** From now on the archive is held: `judgeAbandon` refuses it. Makes the entry where there is none. Nothing once held, or abandoned. */
  hold(key: ArchiveKey, by: string): Promise<void>;

  /** Lifts the hold, if there is one. */
  release(key: ArchiveKey, by: string): Promise<void>;

  /** Keeps who wants the archive abandoned although copy-only mode is on. Only once secured, and not yet abandoned. */
  orderAbandon(key: ArchiveKey, by: string): Promise<void>;

  /** Keeps what a person decided about a claim: one event for each `id`. Makes the entry where there is none. */
  noteDecision(key: ArchiveKey, decision: RecordedDecision): Promise<void>;

  /** Records the status that the platform's record shows, and nothing else of it. */
  noteStatus(key: ArchiveKey, platformStatus: string): Promise<void>;

  /** Records that the platform says EXPIRED: it deleted its file. Only from `abandoned`, and once. */
  expire(key: ArchiveKey): Promise<void>;

  /**
   * `closed`. Only from `abandoned`, once the platform's confirmation was followed by a fixity check that found the copy
   * right, with none after it that did not.
   */
  closeEntry(key: ArchiveKey): Promise<void>;

  /** Records that a damaged copy was replaced, and clears `attention`. @returns whether that was news */
  noteRepair(key: ArchiveKey): Promise<boolean>;

  /** Clears this reason for attention of an archive that is secured; leaves any other one. */
  settle(key: ArchiveKey, reason: FailureType): Promise<void>;

  /** Entries with a secured copy in the order of their keys, from the one after `after` on; without their records. */
  listSecured(page: {
    readonly tenant?: TenantId;
    readonly after?: ArchiveKey;
    readonly limit: number;
  }): Promise<LedgerEntry[]>;

  /** How many entries are in each state; those that need a person count as `attention`, whatever their state. */
  count(): Promise<Readonly<Record<ClaimState, number>>>;

  /** The identity that the store at `url` had when it was first used. */
  storeIdentity(url: string): Promise<string | undefined>;

  /** Remembers the store's identity; the first one wins. @returns the one that is remembered */
  rememberStore(url: string, identity: string): Promise<string>;

  close(): Promise<void>;
}

export interface LedgerEntry extends ArchiveKey {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
  readonly conferenceId?: ConferenceId;
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly location?: string;
  readonly state: ClaimState;
  readonly platformStatus?: string;
  /** The record exactly as the platform gave it. Personal data: never to logs, errors, metrics or Temporal. */
  readonly recordSource?: string;
  readonly announcedAt: Date;
  readonly securedAt?: Date;
  readonly abandonedAt?: Date;
  /** When the copy was last read back after the abandon, whatever that showed. */
  readonly recheckedAt?: Date;
  /** When the platform said EXPIRED: it deleted its file. */
  readonly expiredAt?: Date;
  /** When a fixity check last found the copy right. */
  readonly lastVerifiedAt?: Date;
  /** Why a person should look: a failure type. */
  readonly attention?: string;
  /** Who keeps it from being abandoned. */
  readonly held?: { readonly by: string; readonly since: Date };
  /** Who wants it abandoned although copy-only mode is on. */
  readonly abandonOrderedBy?: string;
  readonly updatedAt: Date;
}

export interface RecordNote {
  readonly conferenceId?: ConferenceId;
  readonly platformStatus: string;
  readonly sha256?: string;
  /** The response body exactly as it came; valid JSON. */
  readonly recordSource: string;
}

export interface VerificationNote {
  readonly ok: boolean;
  /** Of the bytes that were read; absent where there was no copy to read. */
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

export type AbandonVerdict = 'safe' | 'notSecured' | 'held' | 'conferenceNotSecured';

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
