/**
 * What the system does about a failure.
 *
 * - `poll`: expected; asked again later, and no failure in metrics or logs
 * - `retry`: tried again with growing pauses, for as long as the claim's deadline allows
 * - `retryThenAttention`: tried again every minute or two; where that has not helped for half an hour, `attention`
 * - `startOver`: the record is fetched again, and the claim goes on from what it says
 * - `downloadAgain`: the copy is thrown away and downloaded afresh, three times at most, then `attention`
 * - `attention`: a person is asked to look; tried again every 6 hours, whenever the archive is announced, and when told to
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
