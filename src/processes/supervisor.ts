import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, type Child } from './child';
import { HopelessStart, type Service } from './service';

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

/** Thrown when a service cannot be kept running. The message has the last that it said. */
export class ServiceFailed extends Error {
  override readonly name = 'ServiceFailed';
}

/**
 * Keeps processes running: what ends is started again after a pause that grows, once everything runs that it needs. A service that
 * dies at once several times in a row is given up, and the supervisor fails with what it said last.
 */
export class Supervisor {
  /** Rejects with {@link ServiceFailed} if a service cannot be kept running. Never resolves. */
  readonly failed: Promise<never>;
  private fail: (reason: unknown) => void = () => undefined;
  private readonly stopping = new AbortController();
  private readonly kept = new Map<string, KeptService>();
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly report: (event: ServiceEvent) => void,
    private readonly terms: Partial<typeof TERMS> = {},
  ) {
    this.failed = new Promise<never>((_, reject) => (this.fail = reject));
    // Nobody may be waiting for it.
    this.failed.catch(() => undefined);
  }

  /**
   * Starts a service and keeps it running.
   * @returns what runs, when it is ready for the first time
   * @throws {@link ServiceFailed} if it never was, and the supervisor gave up
   */
  async start<Running extends Child>(service: Service<Running>): Promise<Running> {
    const needs = (service.needs ?? [])
      .map((name) => this.kept.get(name))
      .filter((each) => each !== undefined);
    const { signal } = this.stopping;
    const one = new KeptService(service, needs, { ...TERMS, ...this.terms }, this.report, signal);
    this.kept.set(service.name, one);
    one.done.catch(this.fail);
    const running = await Promise.race([one.ready(), one.done]);
    if (running === undefined || signal.aborted) throw new Error(`${service.name} was stopped.`);
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
    for (const service of [...this.kept.values()].reverse())
      await service.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/** One service, kept running until `stopping` is aborted or it is given up. */
class KeptService<Running extends Child = Child> {
  /** Resolves when the supervisor has stopped it; rejects with {@link ServiceFailed} when it is given up. */
  readonly done: Promise<undefined>;
  private running: Running | undefined;
  private readonly events = new EventEmitter();

  constructor(
    private readonly service: Service<Running>,
    private readonly needs: readonly KeptService[],
    private readonly terms: typeof TERMS,
    private readonly report: (event: ServiceEvent) => void,
    private readonly stopping: AbortSignal,
  ) {
    this.done = this.keep();
  }

  /** What runs, as soon as it does; `undefined` if the supervisor stops before that. */
  async ready(): Promise<Running | undefined> {
    if (this.running !== undefined) return this.running;
    const heard = once(this.events, 'ready', { signal: this.stopping }) as Promise<[Running]>;
    return await heard.then(([running]) => running).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    await this.done.catch(() => undefined);
  }

  private async keep(): Promise<undefined> {
    const { atOnce, deaths: limit, shortestPause, longestPause, steadyAfter } = this.terms;
    for (let pause = 0, deaths = 0; ;) {
      for (const need of this.needs) await need.ready();
      if (this.isStopping()) return undefined;
      const { reason, said = '', readyForMs = 0 } = await this.live();
      if (this.isStopping()) return undefined;
      deaths = readyForMs <= atOnce ? deaths + 1 : 0;
      if (deaths === limit) throw this.givenUp(` (${deaths} times in a row): ${reason}${said}`);
      const isFirst = pause === 0 || readyForMs >= steadyAfter;
      pause = isFirst ? shortestPause : Math.min(pause * 2, longestPause);
      this.report({ event: 'ended', service: this.service.name, reason, againInMs: pause });
      await sleep(pause, undefined, { signal: this.stopping }).catch(() => undefined);
    }
  }

  /** From one start to the end of the process. @returns how it ended, and how long it was ready if it ever was */
  private async live(): Promise<{ reason: string; said?: string; readyForMs?: number }> {
    let running: Running;
    try {
      running = await this.service.start(this.stopping);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'could not be started';
      if (error instanceof HopelessStart) throw this.givenUp(`: ${reason}`);
      return { reason };
    }
    const readyAt = performance.now();
    this.running = running;
    this.report({ event: 'started', service: this.service.name, pid: running.pid });
    this.events.emit('ready', running);
    // The supervisor was stopped meanwhile, and did not know of this process.
    if (this.isStopping()) await running.stop();
    const reason = describeExit(await running.exited);
    const readyForMs = performance.now() - readyAt;
    this.running = undefined;
    // What is left of it must not be in the way of the next one.
    await running.stop();
    const output = running.tail();
    return { reason, readyForMs, ...(output !== '' && { said: `. It said last:\n${output}` }) };
  }

  /** Asked anew each time: another process may change it while this one waits, which the compiler does not know. */
  private isStopping(): boolean {
    return this.stopping.aborted;
  }

  private givenUp(why: string): ServiceFailed {
    return new ServiceFailed(`${this.service.name} could not be kept running${why}`);
  }
}
