import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { HopelessStart, type RunningService, type Service } from './service';

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

export interface Supervisor {
  /**
   * Starts a service and keeps it running.
   * @returns when it is ready for the first time
   * @throws {@link ServiceFailed} if it never was, and the supervisor gave up
   */
  start(service: Service): Promise<void>;
  /** Rejects with {@link ServiceFailed} if a service cannot be kept running. Never resolves. */
  readonly failed: Promise<never>;
  /** Stops all services, those that were started last first, one after the other. The second time it does nothing. */
  stop(): Promise<void>;
}

/** Thrown when a service cannot be kept running. The message has the last that it said. */
export class ServiceFailed extends Error {
  override readonly name = 'ServiceFailed';
}

/**
 * Keeps processes running: what ends is started again after a pause that grows, once everything runs that it needs. A service that
 * dies at once several times in a row is given up, and the supervisor fails with what it said last.
 */
export function createSupervisor(
  report: (event: ServiceEvent) => void,
  terms: Partial<typeof TERMS> = {},
): Supervisor {
  const stopping = new AbortController();
  const kept = new Map<string, KeptService>();
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  // Nobody may be waiting for it.
  failed.catch(() => undefined);
  let stopped: Promise<void> | undefined;

  async function start(service: Service): Promise<void> {
    const needs = (service.needs ?? []).map((name) => kept.get(name)).filter((each) => each !== undefined);
    const one = new KeptService(service, needs, { ...TERMS, ...terms }, report, stopping.signal);
    kept.set(service.name, one);
    one.done.catch(fail);
    await Promise.race([one.ready(), one.done]);
    if (stopping.signal.aborted) throw new Error(`${service.name} was stopped.`);
  }

  async function stopAll(): Promise<void> {
    stopping.abort();
    const failures: unknown[] = [];
    // One that cannot be stopped must not keep the others running.
    for (const service of [...kept.values()].reverse())
      await service.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  return { start, failed, stop: () => (stopped ??= stopAll()) };
}

/** One service, kept running until `stopping` is aborted or it is given up. */
class KeptService {
  /** Resolves when the supervisor has stopped it; rejects with {@link ServiceFailed} when it is given up. */
  readonly done: Promise<void>;
  private running: RunningService | undefined;
  private readonly events = new EventEmitter();

  constructor(
    private readonly service: Service,
    private readonly needs: readonly KeptService[],
    private readonly terms: typeof TERMS,
    private readonly report: (event: ServiceEvent) => void,
    private readonly stopping: AbortSignal,
  ) {
    this.done = this.keep();
  }

  /** Resolves when it runs, or the supervisor stops. */
  async ready(): Promise<void> {
    if (this.running !== undefined) return;
    await once(this.events, 'ready', { signal: this.stopping }).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    await this.done.catch(() => undefined);
  }

  private async keep(): Promise<void> {
    const { atOnce, deaths: limit } = this.terms;
    for (let pause = 0, deaths = 0; ;) {
      for (const need of this.needs) await need.ready();
      if (this.stopping.aborted) return;
      const life = await this.live();
      // Another process may change it while this one waits, which the compiler does not know.
      if (this.isStopping()) return;
      deaths = (life.readyForMs ?? -1) < atOnce ? deaths + 1 : 0;
      if (life.hopeless || deaths === limit) throw this.givenUp(life, deaths);
      pause = this.pauseAfter(life, pause);
      this.report({ event: 'ended', service: this.service.name, reason: life.reason, againInMs: pause });
      await sleep(pause, undefined, { signal: this.stopping }).catch(() => undefined);
    }
  }

  /** From one start to the end of the process. */
  private async live(): Promise<Life> {
    let running: RunningService;
    try {
      running = await this.service.start(this.stopping);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'could not be started';
      return { reason, hopeless: error instanceof HopelessStart };
    }
    const readyAt = performance.now();
    this.running = running;
    this.report({ event: 'started', service: this.service.name, pid: running.pid });
    this.events.emit('ready');
    // The supervisor was stopped meanwhile, and did not know of this process.
    if (this.isStopping()) await running.stop();
    const reason = await running.exited;
    const readyForMs = performance.now() - readyAt;
    this.running = undefined;
    // What is left of it must not be in the way of the next one.
    await running.stop();
    return { reason, said: running.tail(), readyForMs, hopeless: false };
  }

  private isStopping(): boolean {
    return this.stopping.aborted;
  }

  private pauseAfter({ readyForMs = 0 }: Life, before: number): number {
    const { shortestPause, longestPause, steadyAfter } = this.terms;
    return readyForMs >= steadyAfter || before === 0 ? shortestPause : Math.min(before * 2, longestPause);
  }

  private givenUp({ reason, said = '', hopeless }: Life, deaths: number): ServiceFailed {
    const often = hopeless ? '' : ` (${deaths} times in a row)`;
    const output = said === '' ? '' : `. It said last:\n${said}`;
    return new ServiceFailed(`${this.service.name} could not be kept running${often}: ${reason}${output}`);
  }
}

interface Life {
  /** How it ended, as the end of a sentence. */
  readonly reason: string;
  readonly said?: string;
  /** How long it was ready; absent if it never was. */
  readonly readyForMs?: number;
  readonly hopeless: boolean;
}
