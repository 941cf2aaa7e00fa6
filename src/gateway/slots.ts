/** A fixed number of places and no queue: who finds all of them taken is told at once. */
export interface Slots {
  /** Runs `work` in a free slot. @returns `undefined` where there is none */
  tryRun<Result>(work: () => Promise<Result>): Promise<Result> | undefined;
  isFull(): boolean;
  /** Resolves when what runs now has ended, however it ended. */
  ended(): Promise<void>;
}

export function createSlots(count: number): Slots {
  const running = new Set<Promise<unknown>>();
  return {
    tryRun(work) {
      if (running.size >= count) return undefined;
      const result = work();
      const over: Promise<unknown> = result.catch(() => undefined).then(() => running.delete(over));
      running.add(over);
      return result;
    },
    isFull: () => running.size >= count,
    async ended() {
      await Promise.all(running);
    },
  };
}
