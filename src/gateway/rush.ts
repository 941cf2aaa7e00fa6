import { setTimeout as sleep } from 'node:timers/promises';
import { createPace, type PaceBounds } from '../domain/pace';

/** Notifications that arrive faster than claims are started beside their answers. Those beyond go to the inbox. */
export interface Rush {
  /** Whether a notification that arrives now goes to Temporal first. One that does not makes a rush, for a second. */
  admits(): boolean;
  /** Resolves when a claim from the inbox may be started: at once, but in a rush at its turn; when `signal` is aborted, too. */
  turn(signal: AbortSignal): Promise<void>;
}

export interface RushBounds {
  /** Notifications that go to Temporal first: so many at once, then one each `interval` milliseconds. */
  readonly arrivals: Pick<PaceBounds, 'allowance' | 'interval'>;
  /** Milliseconds between two starts from the inbox, in a rush. */
  readonly interval: number;
}

/** Milliseconds after the last notification that was not admitted. */
const RUSH_ENDS = 1_000;

/** @param now milliseconds of a clock that never goes back */
export function createRush({ arrivals, interval }: RushBounds, now = () => performance.now()): Rush {
  const admitted = createPace({ ...arrivals, pause: 0, longest: Infinity }, now);
  const drained = createPace({ allowance: 1, interval, pause: 0, longest: Infinity }, now);
  let lastRefused = -Infinity;
  return {
    admits() {
      const isAdmitted = admitted.tryNext();
      if (!isAdmitted) lastRefused = now();
      return isAdmitted;
    },
    async turn(signal) {
      if (now() - lastRefused < RUSH_ENDS)
        await sleep(drained.next(), undefined, { signal }).catch(() => undefined);
    },
  };
}
