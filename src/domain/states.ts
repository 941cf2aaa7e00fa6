/**
 * The states of a claim, with the same names in the workflow, the ledger and the UI. Whether it needs a person (`attention`), and
 * whether a person holds the archive, are kept beside the state.
 *
 * | state | meaning | entered from | left to |
 * | --- | --- | --- | --- |
 * | `announced` | the platform showed the archive; its claim begins | start | `waiting`, `downloading` |
 * | `waiting` | the platform is still making the archive | `announced` | `downloading`, off the path |
 * | `downloading` | bytes are on their way into the store | `announced`, `waiting` | `verifying`, off the path |
 * | `verifying` | the copy is read back from the store, compared, and sealed | `downloading` | `secured`, `announced`, off the path |
 * | `secured` | the copy is sealed, proven and recorded | `verifying` | `abandoned`, `failed` |
 * | `abandoned` | the platform showed that it was told | `secured`, `failed` with a copy | `closed` |
 * | `closed` | the platform deleted its file, and the copy was right after that | `abandoned` | |
 * | `failed` | the deadline passed, or the claim was given up or cancelled | any before `abandoned` | a new claim |
 * | `missed` | the file expired before there was ever a copy | any before `secured` | a new claim |
 */
export const CLAIM_STATES = [
  'announced',
  'waiting',
  'downloading',
  'verifying',
  'secured',
  'abandoned',
  'closed',
  'failed',
  'missed',
] as const;

export type ClaimState = (typeof CLAIM_STATES)[number];

/** The states in lists and counts: a state, or `attention` while the archive needs a person, whatever its state. */
export const SHOWN_STATES = [...CLAIM_STATES, 'attention'] as const;

export type ShownState = (typeof SHOWN_STATES)[number];

export function isClaimState(value: string): value is ClaimState {
  return (CLAIM_STATES as readonly string[]).includes(value);
}
