/** Turns, for claims that are started or begin to work: so many at once, then one after the other. */
export interface Pace {
  /** @returns milliseconds from now to the next turn, which is taken with this call */
  next(): number;
}

export interface PaceBounds {
  /** Turns at once after a quiet time. */
  readonly allowance: number;
  /** Milliseconds between two of those that come after them. */
  readonly interval: number;
  /** Milliseconds that none waits longer than, however many there are. */
  readonly longest: number;
}

/** @param now milliseconds of a clock that never goes back */
export function createPace(
  { allowance, interval, longest }: PaceBounds,
  now = () => performance.now(),
): Pace {
  /** The turn that was taken last: as long ago as the allowance is, after a quiet time. */
  let turn = -Infinity;
  return {
    next() {
      const time = now();
      turn = Math.min(Math.max(turn, time - allowance * interval), time + longest - interval) + interval;
      return Math.max(0, Math.round(turn - time));
    },
  };
}
