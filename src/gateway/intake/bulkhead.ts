import { withTimeout } from '../../claims/with-timeout';

/** Bounds how many calls are under way at a time, and how long a caller waits for its place and its call together. */
export interface Bulkhead {
  /** @returns `undefined` if the time was over before; a call that is under way then goes on. A call is not begun without time */
  run<Result>(ms: number, call: (msLeft: number) => Promise<Result>): Promise<Result | undefined>;
}

export function createBulkhead(places: number): Bulkhead {
  let free = places;
  const waiting: (() => void)[] = [];
  return {
    async run(ms, call) {
      const end = performance.now() + ms;
      return await withTimeout(
        ms,
        inPlace(() => beforeEnd(end, call)),
      );
    },
  };

  async function inPlace<Result>(call: () => Promise<Result>): Promise<Result> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call();
    } finally {
      // The place goes to the one that waits for the longest.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  }
}

async function beforeEnd<Result>(
  end: number,
  call: (msLeft: number) => Promise<Result>,
): Promise<Result | undefined> {
  const msLeft = end - performance.now();
  return msLeft > 0 ? await call(msLeft) : undefined;
}
