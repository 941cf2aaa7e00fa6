/**
 * The states of a claim, the same words in the workflow, the ledger and the UI. Whether a person holds the archive is
 * apart from its state.
 *
 * | state | meaning | entered from | left to |
 * | --- | --- | --- | --- |
 * | `announced` | somebody said that the archive exists | start | `waiting` |
 * | `waiting` | the platform is still making it | `announced`, `attention`, a fresh copy | `downloading`, off the path |
 * | `downloading` | bytes are on their way into the store | `waiting` | `verifying`, `waiting`, off the path |
 * | `verifying` | the copy is read back from the store and compared | `downloading` | `secured`, `waiting`, off the path |
 * | `secured` | the copy is sealed, proven and recorded | `verifying` | `abandoned`, off the path |
 * | `abandoned` | the platform confirmed that it may delete its file | `secured` | `closed` |
 * | `closed` | the platform confirmed that it deleted its file | `abandoned` | |
 * | `attention` | a person must decide; it is tried again meanwhile | any before `abandoned` | `waiting`, `failed` |
 * | `failed` | the deadline passed, or it was given up | any before `abandoned` | a new claim |
 * | `missed` | it expired before there was ever a copy | any before `secured` | |
 */
export const CLAIM_STATES = [
  'announced',
  'waiting',
  'downloading',
  'verifying',
  'secured',
  'abandoned',
  'closed',
  'attention',
  'failed',
  'missed',
] as const;

export type ClaimState = (typeof CLAIM_STATES)[number];

/** States in which the copy is not proven yet: a claim moves between them in either direction. */
export const OPEN_STATES = [
  'announced',
  'waiting',
  'downloading',
  'verifying',
] as const satisfies readonly ClaimState[];

export type OpenState = (typeof OPEN_STATES)[number];

export function isClaimState(value: string): value is ClaimState {
  return (CLAIM_STATES as readonly string[]).includes(value);
}

/** Whether a claim in this state is to be told that its archive was announced again. Any other goes on by itself, and each telling costs it ten events. */
export function gainsFromNews(state: ClaimState | undefined): boolean {
  return state === 'waiting' || state === 'attention';
}
