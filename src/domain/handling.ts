/**
 * How the system handles a failure.
 *
 * - `poll`: expected; retried later, and no failure in metrics or logs
 * - `retry`: retried with growing pauses, for as long as the claim's deadline allows
 * - `retryThenAttention`: retried every minute or two; if that has not helped for half an hour, `attention`
 * - `startOver`: the claim fetches the record again, and continues from there
 * - `downloadAgain`: the claim discards the copy and downloads it again, three times at most, then `attention`
 * - `attention`: the claim asks for a person; retried every 6 hours, when the archive is announced, and when a person orders it
 * - `end`: the claim ends
 */
export const HANDLINGS = [
  'poll',
  'retry',
  'retryThenAttention',
  'startOver',
  'downloadAgain',
  'attention',
  'end',
] as const;

export type Handling = (typeof HANDLINGS)[number];

export interface FailureKind {
  readonly meaning: string;
  readonly handling: Handling;
  /** What a person does about it. */
  readonly remedy: string;
}
