/** How fast claims begin to work, whatever the rate at which they are started. */
export interface Pace {
  /** @returns milliseconds from now at which the claim that is started next takes its first step */
  next(): number;
}

export interface PaceBounds {
  /** Claims that begin at once after a quiet time. */
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
  /** The turn of the claim that is started next: as long ago as the allowance is, after a quiet time. */
  let turn = -Infinity;
  return {
    next() {
      const time = now();
      turn = Math.min(Math.max(turn, time - allowance * interval), time + longest - interval) + interval;
      return Math.max(0, Math.round(turn - time));
    },
  };
}
