/** Runs a task when its turn comes. */
export type Limited = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Lets at most `limit` tasks run at a time; the others wait in the order in which they came. */
export function concurrencyLimit(limit: number): Limited {
  const waiting: (() => void)[] = [];
  let running = 0;

  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return async (task) => {
    if (running < limit) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      leave();
    }
  };
}
