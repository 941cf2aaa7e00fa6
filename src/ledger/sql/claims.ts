import type { ArchiveKey } from '../../domain/ids';
import { availabilityOf } from '../../domain/statuses';
import type { Columns, Database } from '../database';
import { readEntry } from '../entry';
import type { Claims, ExpiryTerms, Fence, StepTaken } from '../ledger';
import { runStatement } from '../run-statement';
import { storableJson, storableText } from '../storable';

/** Writes what the record showed, and takes the row over unless a later attempt has it or a decision stands. */
const BEGIN_CLAIM = `
SELECT verdict, to_jsonb(e) AS entry
FROM begin_claim(
  $1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), $8, $9, $10, $11, $12::jsonb, $13,
  $14::float8 * interval '1 millisecond', $15::float8 * interval '1 millisecond'
)`;

/** Takes the row over unless a later attempt has it or the claim has ended; never moves the state of a secured copy. */
const TAKE_STEP = 'SELECT verdict, to_jsonb(e) AS entry FROM take_step($1, $2, $3, $4, $5, $6, $7, $8)';

/** Only the attempt that owns the row writes that a copy was bad. */
const NOTE_BAD_COPY = 'SELECT note_bad_copy($1, $2, $3, $4, $5, $6, $7, $8) AS verdict';

/** Only the attempt that owns the row secures; archives of the conference whose claims wait for this one are queued. */
const SECURE_COPY = 'SELECT secure_copy($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS verdict';

/** Takes the row over, and shows why a person should look. */
const NEED_ATTENTION = 'SELECT need_attention($1, $2, $3, $4, $5, $6, $7) AS verdict';

/** Ends the claim. Made again by the same run for the same reason, it is `taken` and changes nothing. */
const END_CLAIM = 'SELECT end_claim($1, $2, $3, $4, $5, $6, $7, $8) AS verdict';

/** The PREMIS term for a move to the state. */
const EVENT_OF_STEP = { downloading: 'transfer', verifying: 'validation' } as const;

export function claims(database: Database): Claims {
  const one = async (name: string, text: string, parameters: readonly unknown[]): Promise<Columns> => {
    const [row] = await runStatement(database, name, text, parameters);
    return row ?? {};
  };
  const verdictOf = async <Verdict extends string>(
    name: string,
    text: string,
    parameters: readonly unknown[],
  ) => (await one(name, text, parameters))['verdict'] as Verdict;

  return {
    async beginClaim(key, fence, { deadlineAt, record, expiry }) {
      const row = await one('begin claim', BEGIN_CLAIM, [
        ...attempt(key, fence),
        deadlineAt,
        record.conferenceId ?? null,
        storableText(record.platformStatus),
        record.sha256 ?? null,
        storableText(record.source),
        storableJson(record.source) ?? null,
        availabilityOf(record.platformStatus) === 'available',
        ...termsOf(expiry),
      ]);
      return {
        verdict: row['verdict'] as Awaited<ReturnType<Claims['beginClaim']>>['verdict'],
        entry: readEntry(row['entry']),
      };
    },

    async takeStep(key, fence, state) {
      const event = state === undefined ? null : EVENT_OF_STEP[state];
      const row = await one('take step', TAKE_STEP, [...attempt(key, fence), state ?? null, event]);
      const verdict = row['verdict'] as StepTaken['verdict'];
      return verdict === 'unknown' ? { verdict } : { verdict, entry: readEntry(row['entry']) };
    },

    noteBadCopy: (key, fence, { sha256, sizeBytes }) =>
      verdictOf('note bad copy', NOTE_BAD_COPY, [...attempt(key, fence), sha256, sizeBytes]),

    secureCopy: (key, fence, { conferenceId, sha256, sizeBytes, location, warning }) =>
      verdictOf('secure copy', SECURE_COPY, [
        ...attempt(key, fence),
        conferenceId,
        sha256,
        sizeBytes,
        location,
        warning ?? null,
      ]),

    needAttention: (key, fence, reason) =>
      verdictOf('need attention', NEED_ATTENTION, [...attempt(key, fence), reason]),

    endClaim: (key, fence, { state, reason }) =>
      verdictOf('end claim', END_CLAIM, [...attempt(key, fence), state ?? null, reason]),
  };
}

/** Parameters $1 to $6 of every function of a claim's steps. */
export function attempt({ tenant, archiveId }: ArchiveKey, { at, runId, step, attempt }: Fence): unknown[] {
  return [tenant, archiveId, at, runId, step, attempt];
}

/** In milliseconds, in the order that the functions take them. */
export function termsOf({ recheckMs, periodMs }: ExpiryTerms): [number, number] {
  return [recheckMs, periodMs];
}
