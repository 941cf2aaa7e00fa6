import type { SecuredArchive } from '../../domain/claim';
import type { FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import type { ArchiveRecord } from '../../domain/record';
import { availabilityOf } from '../../domain/statuses';
import { storableJson, storableText } from '../columns';
import { readEntry, type LedgerEntry } from '../entry';
import { call, interval, type Run } from '../run-statement';

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
  /** Whether the attempt belongs to the repair of a copy, not to a claim. */
  readonly repairs?: boolean;
}

/** When the recheck and the deletion are due after the platform was told, in milliseconds. */
export interface ExpiryTerms {
  /** When the copy is verified again, before the platform deletes its file. */
  readonly recheckMs: number;
  /** When the platform should have deleted its file. */
  readonly periodMs: number;
}

/** The digest and the size of a copy that was read; empty if it could not be read. */
export interface CopyFound {
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

/** The result of an SQL function with which an attempt takes an archive's row over: its verdict, and the row as `e`. */
interface Row<Verdict> {
  readonly verdict: Verdict;
  readonly e: unknown;
}

export type StepTaken =
  | { readonly verdict: 'taken' | 'fenced' | 'claimed'; readonly entry: LedgerEntry }
  | { readonly verdict: 'unknown' };

/** The PREMIS term for a move to the state. */
const EVENT_OF_STEP = { downloading: 'transfer', verifying: 'validation' } as const;

/** `fenced`: a later attempt has taken the row over, or the claim has ended. `unknown`: there is no row (a restored backup). */
type Noted = 'taken' | 'fenced' | 'unknown';

export interface Begin {
  readonly deadlineAt: number;
  readonly record: ArchiveRecord;
  readonly expiry: ExpiryTerms;
}

/** The writes of the steps of a claim or a repair. */
export function claims(run: Run) {
  return {
    /**
     * The first step, for each poll: writes what the record showed, takes the row over and removes the archive from the queue.
     * If a decision stands, it is the verdict, and the row is not taken over.
     */
    async beginClaim(key: ArchiveKey, fence: Fence, { deadlineAt, record, expiry }: Begin): Promise<Begun> {
      const { conferenceId, status, sha256, source, content } = record;
      const { verdict, e } = await call<Row<Begun['verdict']>>(
        run,
        'begin_claim',
        ...attempt(key, fence),
        new Date(deadlineAt).toISOString(),
        conferenceId,
        storableText(status),
        sha256,
        source,
        storableJson(content),
        availabilityOf(status) === 'available',
        ...termsOf(expiry),
      );
      return { verdict, entry: readEntry(e) };
    },

    /**
     * A later step takes the row over, and moves it to `state` unless a copy is secured. A step of a repair leaves a claim that is under
     * way alone (`claimed`), unless the platform was told; one that has not moved for an hour is queued.
     */
    async takeStep(key: ArchiveKey, fence: Fence, state?: 'downloading' | 'verifying'): Promise<StepTaken> {
      const step = [...attempt(key, fence), fence.repairs ?? false, state, state && EVENT_OF_STEP[state]];
      const { verdict, e } = await call<Row<StepTaken['verdict']>>(run, 'take_step', ...step);
      return verdict === 'unknown' ? { verdict } : { verdict, entry: readEntry(e) };
    },

    /** Records a failed fixity check. */
    noteBadCopy: (key: ArchiveKey, fence: Fence, found: CopyFound): Promise<Noted> =>
      call(run, 'note_bad_copy', ...attempt(key, fence), found.sha256, found.sizeBytes),

    /**
     * Records a verified, sealed copy as `secured`. If a copy is secured already, the same SHA-256 makes
     * this a repair (`repaired`); another SHA-256 changes nothing (`other`). Archives of the conference whose claims wait
     * for this one are queued. `warning`: what a person must accept before the abandon, though the bytes are right.
     */
    secureCopy: (
      key: ArchiveKey,
      fence: Fence,
      { conferenceId, sha256, sizeBytes, location }: SecuredArchive,
      warning?: FailureType,
    ): Promise<'secured' | 'repaired' | 'other' | Exclude<Noted, 'taken'>> => {
      const values = [conferenceId, sha256, sizeBytes, location, warning];
      return call(run, 'secure_copy', ...attempt(key, fence), ...values);
    },

    /** Shows that a person should look, and why. */
    needAttention: (key: ArchiveKey, fence: Fence, reason: FailureType): Promise<Noted> =>
      call(run, 'need_attention', ...attempt(key, fence), reason),

    /**
     * Ends the claim off its path. `failed` and `missed` are states; without `state` the state stays (a claim that ends at
     * `secured`). Never changes `abandoned` or `closed`; never `missed` once a copy was secured. If a run repeats it for the
     * same reason, it returns `taken` and changes nothing.
     */
    endClaim: (
      key: ArchiveKey,
      fence: Fence,
      { state, reason }: { readonly state?: 'failed' | 'missed'; readonly reason: string },
    ): Promise<Noted> => call(run, 'end_claim', ...attempt(key, fence), state, reason),
  };
}

export interface Begun {
  readonly verdict: 'taken' | 'fenced' | 'giveUp' | 'cancelled' | 'deadline';
  readonly entry: LedgerEntry;
}

/** The first parameters of every function of a claim's steps. */
export function attempt({ tenant, archiveId }: ArchiveKey, { at, runId, step, attempt }: Fence): unknown[] {
  return [tenant, archiveId, at, runId, step, attempt];
}

/** The terms as parameters, in the order in which the SQL functions take them. */
export function termsOf({ recheckMs, periodMs }: ExpiryTerms): [recheck: string, period: string] {
  return [interval(recheckMs), interval(periodMs)];
}
