import {
  Deferred,
  KeptService,
  TERMS,
  type Service,
  type ServiceEvent,
  type SupervisorTerms,
} from './service';

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

/**
 * Keeps processes running: what ends is started again after a pause that grows, once everything runs that it needs. A service that
 * dies at once several times in a row is given up, and the supervisor fails with what it said last.
 */
export function createSupervisor(
  report: (event: ServiceEvent) => void,
  terms: Partial<SupervisorTerms> = {},
): Supervisor {
  const stopping = new AbortController();
  const kept = new Map<string, KeptService>();
  const failure = new Deferred<never>();
  // Nobody may be waiting for it.
  failure.promise.catch(() => undefined);
  let stopped: Promise<void> | undefined;

  async function start(service: Service): Promise<void> {
    const needs = (service.needs ?? []).map((name) => kept.get(name)).filter((each) => each !== undefined);
    const one = new KeptService(service, needs, { ...TERMS, ...terms }, report, stopping.signal);
    kept.set(service.name, one);
    one.done.catch(failure.reject);
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

  return { start, failed: failure.promise, stop: () => (stopped ??= stopAll()) };
}
