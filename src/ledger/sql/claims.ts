import type { SecuredArchive } from '../../domain/claim';
import type { FailureType } from '../../domain/failures';
import type { ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import { storableJson, storableText } from '../columns';
import { readEntry, type LedgerEntry, type RecordNote } from '../entry';
import type { Run } from '../run-statement';

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

export type StepTaken =
  { readonly verdict: 'taken' | 'fenced'; readonly entry: LedgerEntry } | { readonly verdict: 'unknown' };

/** The PREMIS term for a move to the state. */
const EVENT_OF_STEP = { downloading: 'transfer', verifying: 'validation' } as const;

/** `fenced`: a later attempt has taken the row over, or the claim has ended. `unknown`: there is no row (a restored backup). */
type Noted = 'taken' | 'fenced' | 'unknown';

export interface Begin {
  readonly deadlineAt: number;
  readonly record: RecordNote;
  readonly expiry: ExpiryTerms;
}

/** What a claim's (or a repair's) steps write. */
export function claims(run: Run) {
  const step = async (
    name: string,
    text: string,
    key: ArchiveKey,
    fence: Fence,
    more: readonly unknown[],
  ) => {
    const [row = {}] = await run(name, text, [...attempt(key, fence), ...more]);
    return row;
  };
  const verdictOf = async <Verdict extends string>(...statement: Parameters<typeof step>) =>
    (await step(...statement))['verdict'] as Verdict;

  return {
    /**
     * The first step, for each poll: writes what the record showed, takes the row over and removes the archive from the queue.
     * What a person decided stands: then the decision is the verdict, and the row is not taken over.
     */
    async beginClaim(key: ArchiveKey, fence: Fence, { deadlineAt, record, expiry }: Begin): Promise<Begun> {
      const { conferenceId, platformStatus, sha256, source } = record;
      const row = await step('begin claim', BEGIN_CLAIM, key, fence, [
        deadlineAt,
        conferenceId ?? null,
        storableText(platformStatus),
        sha256 ?? null,
        storableText(source),
        storableJson(source) ?? null,
        availabilityOf(platformStatus) === 'available',
        ...termsOf(expiry),
      ]);
      return { verdict: row['verdict'] as Begun['verdict'], entry: readEntry(row['entry']) };
    },

    /** A later step takes the row over, and moves it to `state` unless a copy is secured. */
    async takeStep(key: ArchiveKey, fence: Fence, state?: 'downloading' | 'verifying'): Promise<StepTaken> {
      const event = state === undefined ? null : EVENT_OF_STEP[state];
      const row = await step('take step', TAKE_STEP, key, fence, [state ?? null, event]);
      const verdict = row['verdict'] as StepTaken['verdict'];
      return verdict === 'unknown' ? { verdict } : { verdict, entry: readEntry(row['entry']) };
    },

    /** A fixity check that failed. `found` is empty if the copy could not be read. */
    noteBadCopy: (
      key: ArchiveKey,
      fence: Fence,
      found: { readonly sha256?: string; readonly sizeBytes?: number },
    ): Promise<Noted> =>
      verdictOf('note bad copy', NOTE_BAD_COPY, key, fence, [found.sha256, found.sizeBytes]),

    /**
     * `secured`: only ever called with a verified, sealed copy. If a copy is secured already, only the same SHA-256 counts: that
     * was a repair (`repaired`); `other` for another SHA-256, which changes nothing. Archives of the conference whose claims wait
     * for this one are queued.
     */
    secureCopy: (
      key: ArchiveKey,
      fence: Fence,
      {
        conferenceId,
        sha256,
        sizeBytes,
        location,
        warning = null,
      }: SecuredArchive & { readonly warning?: FailureType | null },
    ): Promise<'secured' | 'repaired' | 'other' | Exclude<Noted, 'taken'>> =>
      verdictOf('secure copy', SECURE_COPY, key, fence, [conferenceId, sha256, sizeBytes, location, warning]),

    /** Shows that a person should look, and why. */
    needAttention: (key: ArchiveKey, fence: Fence, reason: FailureType): Promise<Noted> =>
      verdictOf('need attention', NEED_ATTENTION, key, fence, [reason]),

    /**
     * Ends the claim off its path. `failed` and `missed` are states; without `state` the state stays (a claim that ends at
     * `secured`). Never changes `abandoned` or `closed`; never `missed` once a copy was secured. Made again by the same run for the
     * same reason, it is `taken` and changes nothing.
     */
    endClaim: (
      key: ArchiveKey,
      fence: Fence,
      { state, reason }: { readonly state?: 'failed' | 'missed'; readonly reason: string },
    ): Promise<Noted> => verdictOf('end claim', END_CLAIM, key, fence, [state ?? null, reason]),
  };
}

export interface Begun {
  readonly verdict: 'taken' | 'fenced' | 'giveUp' | 'cancelled' | 'deadline';
  readonly entry: LedgerEntry;
}

/** Takes the row over unless a later attempt has it or a decision stands. */
const BEGIN_CLAIM = `
SELECT verdict, to_jsonb(e) AS entry
FROM begin_claim(
  $1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), $8, $9, $10, $11, $12::jsonb, $13,
  $14::float8 * interval '1 millisecond', $15::float8 * interval '1 millisecond'
)`;

const TAKE_STEP = 'SELECT verdict, to_jsonb(e) AS entry FROM take_step($1, $2, $3, $4, $5, $6, $7, $8)';
const NOTE_BAD_COPY = 'SELECT note_bad_copy($1, $2, $3, $4, $5, $6, $7, $8) AS verdict';
const SECURE_COPY = 'SELECT secure_copy($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS verdict';
const NEED_ATTENTION = 'SELECT need_attention($1, $2, $3, $4, $5, $6, $7) AS verdict';
const END_CLAIM = 'SELECT end_claim($1, $2, $3, $4, $5, $6, $7, $8) AS verdict';

/** Parameters $1 to $6 of every function of a claim's steps. */
export function attempt({ tenant, archiveId }: ArchiveKey, { at, runId, step, attempt }: Fence): unknown[] {
  return [tenant, archiveId, at, runId, step, attempt];
}

/** In milliseconds, in the order that the functions take them. */
export function termsOf({ recheckMs, periodMs }: ExpiryTerms): [number, number] {
  return [recheckMs, periodMs];
}
