import type { PaceBounds } from '../domain/pace';
import type { RushBounds } from './rush';

/** What of a burst comes when: answers first, then starts, then claims. These have three days, notifications 3 seconds. */
export interface Tempo {
  readonly rush: RushBounds;
  /** When the claims that were started take their first step. */
  readonly claims: PaceBounds;
}

/** Milliseconds that no claim of a burst waits longer than for its first step. */
const LONGEST = 120_000;

export const TEMPO: Tempo = {
  rush: { arrivals: { allowance: 400, interval: 5 }, interval: 10 },
  claims: { allowance: 20, pause: 0, interval: 200, longest: LONGEST },
};
