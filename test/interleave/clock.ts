import { AsyncLocalStorage } from 'node:async_hooks';
import { performance as realPerformance } from 'node:perf_hooks';
import promises from 'node:timers/promises';

/** What the clocks ask of whoever runs: every pause is a point at which others may go on. */
export interface Timekeeper {
  /** Milliseconds by which the actor's clocks are ahead of the machine's. */
  readonly aheadMs: number;
  pause(ms: number): Promise<void>;
  /** A signal that aborts when the clocks have advanced that far. */
  timeout(ms: number): AbortSignal;
}

export const running = new AsyncLocalStorage<Timekeeper>();

/** A timer that is longer than this never fires while an actor runs. */
const LONGEST_REAL_MS = 5_000;

/**
 * Gives actors a clock of their own: a pause takes no time, and ends when the scheduler says so. Timers that beat (heartbeats, leases
 * of lists) stand still, as those of a process that dies would go on for ever. Everything outside of actors keeps the machine's clock.
 */
export function installClock(): void {
  const { setTimeout: pause } = promises;
  const { timeout } = AbortSignal;
  const now = Date.now;
  const monotonic = realPerformance.now.bind(realPerformance);
  const { setTimeout: later, setInterval: often } = globalThis;
  promises.setTimeout = (async (ms: number, value: unknown, options?: object) => {
    const actor = running.getStore();
    if (actor === undefined) return await pause(ms, value, options);
    await actor.pause(ms);
    return value;
  }) as typeof promises.setTimeout;
  AbortSignal.timeout = (ms) => running.getStore()?.timeout(ms) ?? timeout.call(AbortSignal, ms);
  Date.now = () => now() + (running.getStore()?.aheadMs ?? 0);
  performance.now = () => monotonic() + (running.getStore()?.aheadMs ?? 0);
  globalThis.setTimeout = ((work: () => void, ms?: number, ...rest: []) => {
    const timer = later(work, ms, ...rest);
    if (running.getStore() !== undefined && (ms ?? 0) >= LONGEST_REAL_MS) timer.unref();
    return timer;
  }) as typeof setTimeout;
  globalThis.setInterval = (work: () => void, ms?: number, ...rest: []) => {
    const timer = often(work, ms, ...rest);
    if (running.getStore() !== undefined) clearInterval(timer);
    return timer;
  };
}
