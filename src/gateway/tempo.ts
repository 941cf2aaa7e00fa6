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

/**
 * By where the ledger is. PGlite mostly has its Temporal beside it, on the same processors. There, by bench/gateway on two cores, an
 * answer with the inbox takes 1 ms of them, a start 7 ms, and a claim more than 100 ms: fifteen starts a second are twice the
 * claims that such a machine completes, and claims of a burst begin when its starts are made.
 */
export const TEMPO: Readonly<Record<'postgres' | 'pglite', Tempo>> = {
  postgres: {
    rush: { arrivals: { allowance: 400, interval: 5 }, interval: 10 },
    claims: { allowance: 20, pause: 0, interval: 200, longest: LONGEST },
  },
  pglite: {
    rush: { arrivals: { allowance: 10, interval: 100 }, interval: 200 },
    claims: { allowance: 3, pause: 10_000, interval: 200, longest: LONGEST },
  },
};
