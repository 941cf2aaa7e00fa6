import type { SecuredArchive } from '../../domain/claim';
import type { FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { LedgerEntry, RecordNote } from './entries';

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
