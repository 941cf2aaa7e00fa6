import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, HopelessStart, type Child } from './child';

/** A process that should run as long as its supervisor. */
export interface Service<Running extends Child = Child> {
  readonly name: string;
  /** Services that must run before it is started or restarted. */
  readonly needs?: readonly string[];
  /**
   * Starts it and resolves when it is ready. The supervisor tries again if this throws, unless it throws {@link HopelessStart}.
   * @param signal aborted when the supervisor stops: the starting process should be stopped
   */
  start(signal: AbortSignal): Promise<Running>;
}

/** An event of a service. */
export type ServiceEvent =
  | { readonly event: 'started'; readonly service: string; readonly pid: number }
  | {
      readonly event: 'ended';
      readonly service: string;
      readonly reason: string;
      /** Milliseconds until it is restarted. */
      readonly againInMs: number;
    };

/** Milliseconds, except `deaths`. */
const TERMS = {
  /** The pause before a service is restarted; it doubles each time, up to the longest. */
  shortestPause: 1_000,
  longestPause: 30_000,
  /** A service that ran for this long is restarted after the shortest pause. */
  steadyAfter: 60_000,
  /** A service that was ready for less than this has died at once. */
  atOnce: 2_000,
  /** Consecutive times that a service dies at once before the supervisor gives up. */
  deaths: 5,
};

/** A service from its first start until the supervisor stops it or gives it up. */
interface Kept<Running extends Child = Child> extends Service<Running> {
  /** The process, once it is ready. */
  running?: Running | undefined;
  /** Resolves when the supervisor has stopped it; rejects when it is given up. */
  done?: Promise<undefined>;
}

/**
 * Keeps processes running: restarts a service that ends, after a growing pause and once all that it needs run. A service that
 * dies at once several times in a row is given up, and the supervisor fails with its last output.
 */
export class Supervisor {
  /** Rejects with the last output of a service that cannot be kept running. Never resolves. */
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
    // Perhaps nobody awaits it: the rejection must not count as unhandled.
    this.failed.catch(() => undefined);
  }

  /**
   * Starts a service and keeps it running.
   * @returns the process, when it is ready for the first time
   * @throws Error if it never became ready, and the supervisor gave up
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

  /** Stops all services one after the other, the last started first. A second call does nothing more. */
  stop(): Promise<void> {
    return (this.stopped ??= this.stopAll());
  }

  private async stopAll(): Promise<void> {
    this.stopping.abort();
    const failures: unknown[] = [];
    // If one cannot be stopped, the others are stopped nevertheless.
    for (const { running, done } of [...this.kept.values()].reverse()) {
      const stopping = Promise.resolve(running?.stop()).then(() => done?.catch(() => undefined));
      await stopping.catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The process, as soon as it is ready; `undefined` if the supervisor stops before that. */
  private async untilReady<Running extends Child>(kept: Kept<Running>): Promise<Running | undefined> {
    const { signal } = this.stopping;
    if (kept.running !== undefined) return kept.running;
    // The event carries the process that was ready: it may have died since.
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

  /** Starts the process and waits for its end. @returns how it ended, and how long it was ready if it ever was */
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
    // The supervisor was stopped meanwhile, and did not know this process.
    if (this.isStopping()) await running.stop();
    const reason = describeExit(await running.exited);
    const readyForMs = performance.now() - readyAt;
    kept.running = undefined;
    // Clears up what is left of it, before the next one starts.
    await running.stop();
    const output = running.tail();
    return { reason, readyForMs, ...(output !== '' && { said: `. It said last:\n${output}` }) };
  }

  /** Read each time: it may change during an `await`, which the compiler does not know. */
  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }
}

function givenUp({ name }: Service, why: string): Error {
  return new Error(`${name} could not be kept running${why}`);
}
