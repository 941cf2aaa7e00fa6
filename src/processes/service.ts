import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is to run for as long as its supervisor does. */
export interface Service {
  readonly name: string;
  /** Services that must run before it is started, and started again. */
  readonly needs?: readonly string[];
  /**
   * Starts it and resolves when it is ready. The supervisor tries again if this throws, unless it throws {@link HopelessStart}.
   * @param signal aborted when the supervisor stops: what is being started may be killed
   */
  start(signal: AbortSignal): Promise<RunningService>;
}

export interface RunningService {
  readonly pid: number;
  /** Resolves when it has ended: how, as the end of a sentence. */
  readonly exited: Promise<string>;
  /** Its last lines of output. */
  tail(): string;
  /** Ends it in good order, or kills it after its grace. Also called after it has ended by itself. */
  stop(): Promise<void>;
}

/** Thrown by `Service.start` if another try cannot help: wrong usage, a wrong configuration. */
export class HopelessStart extends Error {
  override readonly name = 'HopelessStart';
}

/** Thrown when a service cannot be kept running. The message has the last that it said. */
export class ServiceFailed extends Error {
  override readonly name = 'ServiceFailed';
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
export interface SupervisorTerms {
  /** The pause before a service is started again; it doubles each time, up to the longest. */
  readonly shortestPause: number;
  readonly longestPause: number;
  /** A service that ran for so long is started again after the shortest pause. */
  readonly steadyAfter: number;
  /** A service that ends before it has been ready for so long has died at once. */
  readonly atOnce: number;
  /** How often in a row a service may die at once until the supervisor gives up. */
  readonly deaths: number;
}

export const TERMS: SupervisorTerms = {
  shortestPause: 1_000,
  longestPause: 30_000,
  steadyAfter: 60_000,
  atOnce: 2_000,
  deaths: 5,
};

/** One service, kept running until `stopping` is aborted or it is given up. */
export class KeptService {
  /** Resolves when the supervisor has stopped it; rejects with {@link ServiceFailed} when it is given up. */
  readonly done: Promise<void>;
  private running: RunningService | undefined;
  private nextReady = new Deferred<void>();

  constructor(
    private readonly service: Service,
    private readonly needs: readonly KeptService[],
    private readonly terms: SupervisorTerms,
    private readonly report: (event: ServiceEvent) => void,
    private readonly stopping: AbortSignal,
  ) {
    this.done = this.keep();
  }

  /** Resolves when it runs. */
  ready(): Promise<void> {
    return this.nextReady.promise;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    await this.done.catch(() => undefined);
  }

  private async keep(): Promise<void> {
    const { atOnce, deaths: limit } = this.terms;
    for (let pause = 0, deaths = 0; ;) {
      await this.untilNeedsRun();
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

  private async untilNeedsRun(): Promise<void> {
    for (const need of this.needs) await Promise.race([need.ready(), aborted(this.stopping)]);
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
    this.nextReady.resolve();
    // The supervisor was stopped meanwhile, and did not know of this process.
    if (this.isStopping()) await running.stop();
    const reason = await running.exited;
    const readyForMs = performance.now() - readyAt;
    this.nextReady = new Deferred();
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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** A promise that somebody else settles. */
export class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
