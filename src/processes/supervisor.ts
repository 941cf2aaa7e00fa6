import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, HopelessStart, type Child } from './child';

/** A process that is to run for as long as its supervisor does. */
export interface Service<Running extends Child = Child> {
  readonly name: string;
  /** Services that must run before it is started, and started again. */
  readonly needs?: readonly string[];
  /**
   * Starts it and resolves when it is ready. The supervisor tries again if this throws, unless it throws {@link HopelessStart}.
   * @param signal aborted when the supervisor stops: what is being started may be killed
   */
  start(signal: AbortSignal): Promise<Running>;
}

/** What happens to a service. */
export type ServiceEvent =
  | { readonly event: 'started'; readonly service: string; readonly pid: number }
  | {
      readonly event: 'ended';
      readonly service: string;
      readonly reason: string;
      /** Milliseconds until it is started again. */
      readonly againInMs: number;
    };

/** Milliseconds, unless it says otherwise. */
const TERMS = {
  /** The pause before a service is started again; it doubles each time, up to the longest. */
  shortestPause: 1_000,
  longestPause: 30_000,
  /** A service that ran for so long is started again after the shortest pause. */
  steadyAfter: 60_000,
  /** A service that ends before it has been ready for so long has died at once. */
  atOnce: 2_000,
  /** How often in a row a service may die at once until the supervisor gives up. */
  deaths: 5,
};

/** A service from when it is first started until the supervisor stops it or gives it up. */
interface Kept<Running extends Child = Child> extends Service<Running> {
  /** What runs, once it is ready. */
  running?: Running | undefined;
  /** Resolves when the supervisor has stopped it; rejects when it is given up. */
  done?: Promise<undefined>;
}

/**
 * Keeps processes running: what ends is started again after a pause that grows, once everything runs that it needs. A service that
 * dies at once several times in a row is given up, and the supervisor fails with what it said last.
 */
export class Supervisor {
  /** Rejects if a service cannot be kept running, with the last that it said. Never resolves. */
  readonly failed: Promise<never>;
  private fail: (reason: unknown) => void = () => undefined;
  private readonly terms: typeof TERMS;
  private readonly stopping = new AbortController();
  private readonly kept = new Map<string, Kept>();
  /** An event for each service that becomes ready, by its name. */
  private readonly ready = new EventEmitter();
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly report: (event: ServiceEvent) => void,
    terms: Partial<typeof TERMS> = {},
  ) {
    this.terms = { ...TERMS, ...terms };
    this.failed = new Promise<never>((_, reject) => (this.fail = reject));
    // Nobody may be waiting for it.
    this.failed.catch(() => undefined);
  }

  /**
   * Starts a service and keeps it running.
   * @returns what runs, when it is ready for the first time
   * @throws Error if it never was, and the supervisor gave up
   */
  async start<Running extends Child>(service: Service<Running>): Promise<Running> {
    const kept: Kept<Running> = { ...service };
    this.kept.set(service.name, kept);
    kept.done = this.keep(kept);
    kept.done.catch(this.fail);
    const running = await Promise.race([this.untilReady(kept), kept.done]);
    if (running === undefined || this.isStopping()) throw new Error(`${service.name} was stopped.`);
    return running;
  }

  /** Stops all services, those that were started last first, one after the other. The second time it does nothing. */
  stop(): Promise<void> {
    return (this.stopped ??= this.stopAll());
  }

  private async stopAll(): Promise<void> {
    this.stopping.abort();
    const failures: unknown[] = [];
    // One that cannot be stopped must not keep the others running.
    for (const { running, done } of [...this.kept.values()].reverse()) {
      const stopping = Promise.resolve(running?.stop()).then(() => done?.catch(() => undefined));
      await stopping.catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** What runs, as soon as it does; `undefined` if the supervisor stops before that. */
  private async untilReady<Running extends Child>(kept: Kept<Running>): Promise<Running | undefined> {
    const { signal } = this.stopping;
    if (kept.running !== undefined) return kept.running;
    // What was ready is what the event says: it may have died since.
    const heard = once(this.ready, kept.name, { signal }) as Promise<[Running]>;
    return await heard.then(([running]) => running).catch(() => undefined);
  }

  private async keep(kept: Kept): Promise<undefined> {
    const { atOnce, deaths: limit, shortestPause, longestPause, steadyAfter } = this.terms;
    const needs = (kept.needs ?? []).flatMap((name) => this.kept.get(name) ?? []);
    for (let pause = 0, deaths = 0; ;) {
      for (const need of needs) await this.untilReady(need);
      if (this.isStopping()) return undefined;
      const { reason, said = '', readyForMs = 0 } = await this.live(kept);
      if (this.isStopping()) return undefined;
      deaths = readyForMs <= atOnce ? deaths + 1 : 0;
      if (deaths === limit) throw givenUp(kept, ` (${deaths} times in a row): ${reason}${said}`);
      const isFirst = pause === 0 || readyForMs >= steadyAfter;
      pause = isFirst ? shortestPause : Math.min(pause * 2, longestPause);
      this.report({ event: 'ended', service: kept.name, reason, againInMs: pause });
      await sleep(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** From one start to the end of the process. @returns how it ended, and how long it was ready if it ever was */
  private async live(kept: Kept): Promise<{ reason: string; said?: string; readyForMs?: number }> {
    let running: Child;
    try {
      running = await kept.start(this.stopping.signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'could not be started';
      if (error instanceof HopelessStart) throw givenUp(kept, `: ${reason}`);
      return { reason };
    }
    const readyAt = performance.now();
    kept.running = running;
    this.report({ event: 'started', service: kept.name, pid: running.pid });
    this.ready.emit(kept.name, running);
    // The supervisor was stopped meanwhile, and did not know of this process.
    if (this.isStopping()) await running.stop();
    const reason = describeExit(await running.exited);
    const readyForMs = performance.now() - readyAt;
    kept.running = undefined;
    // What is left of it must not be in the way of the next one.
    await running.stop();
    const output = running.tail();
    return { reason, readyForMs, ...(output !== '' && { said: `. It said last:\n${output}` }) };
  }

  /** Asked anew each time: another process may change it while this one waits, which the compiler does not know. */
  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }
}

function givenUp({ name }: Service, why: string): Error {
  return new Error(`${name} could not be kept running${why}`);
}
