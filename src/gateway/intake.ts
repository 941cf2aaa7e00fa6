import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { BaseLogger } from 'pino';
import { startOrWake } from '../claims/start-or-wake';
import { withTimeout } from '../claims/with-timeout';
import { safeReasonOf } from '../domain/error-code';
import type { ArchiveKey } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import { batchWrites } from './batch-writes';

/**
 * The outcome of a notification: `accepted` into the queue, `started` directly because the ledger did not accept it, known before
 * (`duplicate`), or accepted by neither ledger nor Temporal (`unavailable`).
 */
export type Acceptance = 'accepted' | 'started' | 'duplicate' | 'unavailable';

/**
 * Accepts a notification durably. Never rejects.
 * @param arrivedAt when it began to arrive, by `performance.now()`: the platform waits for 3 seconds from then on
 */
export type Intake = (key: ArchiveKey, arrivedAt: number) => Promise<Acceptance>;

export interface IntakeDependencies {
  readonly queue: Pick<Ledger, 'enqueueHints'>;
  readonly client: Client;
  /** Milliseconds from the start of a claim to its deadline. */
  readonly deadlineMs: number;
  /** Called when something was put into the queue. */
  readonly onQueued: () => void;
  readonly log: Pick<BaseLogger, 'warn'>;
}

/**
 * Milliseconds from the arrival to the answer 503. As late as the platform's 3 seconds allow: its four attempts have pauses of
 * about a second in all between them, so an outage of about ten seconds loses nothing.
 */
const LATEST_ANSWER = 2_500;
/** Milliseconds for which the gateway tries to store a notification at least, however late it read it. */
const LEAST_PATIENCE = 300;

/** Notifications that may wait for the ledger: a few hundred bytes each. */
const WAITING = 4_096;
/** Milliseconds that one write may take before the next one is tried on another connection. */
const WRITE_TIMEOUT = 500;
/** Milliseconds that a notification waits for the ledger before Temporal is asked: for the write before its own, and for its own. */
const LEDGER_PATIENCE = 1_100;

/** Claims that are started directly and concurrently. */
const STARTS = 64;

/** Milliseconds between two tries. */
const PAUSE = 100;

/**
 * Writes notifications into the ledger's queue, by one INSERT for all that arrive meanwhile. If the ledger does not accept one
 * in time, the intake asks Temporal to start the claim, and retries the ledger meanwhile, until one of them has it or the
 * time is over.
 */
export function createIntake({ queue, client, deadlineMs, onQueued, log }: IntakeDependencies): Intake {
  const enqueue = batchWrites(write, { limit: WAITING, timeoutMs: WRITE_TIMEOUT });
  const starts = pLimit(STARTS);

  return async (key, arrivedAt) => {
    const latest = Math.max(arrivedAt + LATEST_ANSWER, performance.now() + LEAST_PATIENCE);
    const early = await askLedger(key, Math.min(LEDGER_PATIENCE, latest - performance.now()));
    if (early) return early;
    let answer: Acceptance | undefined;
    await Promise.race([insist(askLedger), insist(askTemporal)]);
    return answer ?? 'unavailable';

    /** Retries until one of the two has answered or the time is `latest`. */
    async function insist(ask: typeof askLedger | typeof askTemporal): Promise<void> {
      for (let left = latest - performance.now(); left > 0; left = latest - performance.now()) {
        const own = await ask(key, left);
        answer ??= own;
        if (answer !== undefined) return;
        await sleep(Math.min(PAUSE, left));
      }
    }
  };

  async function askLedger(key: ArchiveKey, ms: number): Promise<'accepted' | 'duplicate' | undefined> {
    return await withTimeout(ms, enqueue(key)).catch(() => undefined);
  }

  async function write(keys: readonly ArchiveKey[]): Promise<readonly ('accepted' | 'duplicate')[]> {
    try {
      const answers = await queue.enqueueHints(keys, WRITE_TIMEOUT);
      if (answers.includes('accepted')) onQueued();
      return answers;
    } catch (error) {
      log.warn(
        { notifications: keys.length, reason: safeReasonOf(error) },
        'The ledger did not take notifications',
      );
      throw error;
    }
  }

  async function askTemporal(
    { tenant, archiveId }: ArchiveKey,
    ms: number,
  ): Promise<'started' | 'duplicate' | undefined> {
    const row = { tenant, archiveId, origin: 'hint', attempts: 1 } as const;
    const end = performance.now() + ms;
    const start = async () => {
      const timeoutMs = end - performance.now();
      // It may have waited too long for a free slot.
      return timeoutMs > 0 ? await startOrWake(client, row, { deadlineMs, timeoutMs }) : undefined;
    };
    const outcome = await withTimeout(ms, starts(start));
    if (outcome === 'started') return 'started';
    return outcome === 'running' ? 'duplicate' : undefined;
  }
}
