import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { safeReasonOf } from '../domain/error-code';
import { drainBatch, type BatchDependencies, type DrainerSpans } from './drain-batch';
import { withTimeout } from './with-timeout';

/** Starts the claims of the archives in the queue. */
export interface Drainer {
  /** Reads the queue at once, because something was put into it. */
  wake(): void;
  /** Waits for the starts that are under way, gives the other rows back, and stops. */
  stop(): Promise<void>;
}

export interface DrainerDependencies extends Omit<BatchDependencies, 'spans'> {
  readonly spans?: Partial<DrainerSpans>;
}

const SPANS: DrainerSpans = {
  poll: 500,
  probe: 1_000,
  lease: 60_000,
  start: 3_000,
  ending: 1_000,
  retry: 30_000,
  longestRetry: 600_000,
};

/** Rows per lease. */
const BATCH = 128;

/**
 * Runs in every gateway: leases rows of the queue, and starts or wakes their claims. A row whose claim was started stays leased
 * until the claim begins in the ledger, which removes it: a lost start is repeated. While Temporal is silent, it tries one
 * row now and then, and leaves the others alone.
 */
export function startDrainer(dependencies: DrainerDependencies): Drainer {
  const spans = { ...SPANS, ...dependencies.spans };
  const { log } = dependencies;
  const name = randomUUID();
  const stopping = new AbortController();
  let leases = 0;
  let isSilent = false;
  let isWoken = false;
  let endWait = (): void => undefined;
  const stopped = run();
  return {
    wake,
    async stop() {
      stopping.abort();
      wake();
      await stopped;
    },
  };

  function wake(): void {
    isWoken = true;
    endWait();
  }

  async function run(): Promise<void> {
    /** Why the queue cannot be drained: logged when it changes, because the next attempt is half a second away. */
    let problem: string | undefined;
    while (!stopping.signal.aborted) {
      isWoken = false;
      try {
        const hasMore = await drainOnce();
        problem = undefined;
        if (isSilent) await pause(spans.probe);
        else if (!hasMore) await untilWoken();
      } catch (error) {
        const reason = safeReasonOf(error);
        if (reason !== problem) log.warn({ reason }, 'The queue cannot be drained');
        problem = reason;
        await pause(spans.poll);
      }
    }
  }

  /** @returns whether more rows may be due */
  async function drainOnce(): Promise<boolean> {
    leases += 1;
    const limit = isSilent ? 1 : BATCH;
    // Each lease has its own name, so that a process that slept through its lease cannot change rows of the next one.
    const leasedBy = `${name}/${leases}`;
    const batch = await drainBatch({ ...dependencies, spans }, limit, leasedBy, stopping.signal);
    if (batch.isSilent !== undefined && batch.isSilent !== isSilent) {
      isSilent = batch.isSilent;
      log.warn(isSilent ? 'Temporal is silent: archives stay in the queue' : 'Temporal answers again');
    }
    return batch.leased === limit;
  }

  async function untilWoken(): Promise<void> {
    if (!isWoken) await withTimeout(spans.poll, new Promise<void>((resolve) => (endWait = resolve)));
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}
