/** Turns, for claims that are started or begin to work: so many at once, then one after the other. */
export interface Pace {
  /** @returns milliseconds from now to the next turn, which is taken with this call */
  next(): number;
  /** Takes a turn, where there is one now. */
  tryNext(): boolean;
  /** Gives back a turn that was taken and not used. */
  giveBack(): void;
}

export interface PaceBounds {
  /** Turns at once after a quiet time. */
  readonly allowance: number;
  /** Milliseconds that the others wait besides: the time that a burst takes to arrive. */
  readonly pause: number;
  /** Milliseconds between two of the others. */
  readonly interval: number;
  /** Milliseconds that none waits longer than, however many there are. */
  readonly longest: number;
}

/** @param now milliseconds of a clock that never goes back */
export function createPace(
  { allowance, pause, interval, longest }: PaceBounds,
  now = () => performance.now(),
): Pace {
  /** The turn that was taken last: as long ago as the allowance is, after a quiet time. */
  let turn = -Infinity;

  function following(time: number): number {
    return Math.min(Math.max(turn, time - allowance * interval), time + longest - interval) + interval;
  }

  return {
    next() {
      const time = now();
      turn = following(time);
      const wait = Math.round(turn - time);
      return wait > 0 ? Math.min(wait + pause, longest) : 0;
    },
    tryNext() {
      const time = now();
      const next = following(time);
      if (next > time) return false;
      turn = next;
      return true;
    },
    giveBack() {
      turn -= interval;
    },
  };
}
