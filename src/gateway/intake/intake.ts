import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { BaseLogger } from 'pino';
import { startOrWake } from '../../claims/start-or-wake';
import { withTimeout } from '../../claims/with-timeout';
import { errorCode } from '../../domain/error-code';
import { ArchivistError } from '../../domain/failures';
import type { ArchiveKey, TenantId } from '../../domain/ids';
import type { Queue } from '../../ledger/ports/queue';
import { batchWrites } from './batch-writes';
import { createBulkhead } from './bulkhead';

/**
 * What became of a notification: `accepted` into the queue, `started` directly since the ledger did not take it, known before
 * (`duplicate`), or taken by neither ledger nor Temporal (`unavailable`).
 */
export type Acceptance = 'accepted' | 'started' | 'duplicate' | 'unavailable';

export interface Intake {
  /**
   * Takes a notification in, durably. Never rejects.
   * @param arrivedAt when it began to arrive, by `performance.now()`: the platform waits for 3 seconds from then on
   */
  take(key: ArchiveKey & { readonly tenant: TenantId }, arrivedAt: number): Promise<Acceptance>;
}

export interface IntakeDependencies {
  readonly queue: Pick<Queue, 'enqueueHints'>;
  readonly client: Client;
  /** Milliseconds from the start of a claim to its deadline. */
  readonly deadlineMs: number;
  /** Called when something was put into the queue. */
  readonly onQueued: () => void;
  readonly log: Pick<BaseLogger, 'warn'>;
}

/**
 * Milliseconds from the arrival to the answer 503. As late as the platform's 3 seconds allow: it delivers four times within a
 * second of its own, and so an outage of about ten seconds loses nothing.
 */
const LATEST_ANSWER = 2_600;
/** Milliseconds that a notification is tried for at least, however late it was read. */
const LEAST_PATIENCE = 300;

/** Notifications that may wait for the ledger: a few hundred bytes each. */
const WAITING = 4_096;
/** Milliseconds that one write may take, and that a notification waits for the one before it and its own. */
const WRITE_TIMEOUT = 700;
const LEDGER_PATIENCE = 900;

/** Claims that are started directly at a time, and milliseconds that a notification waits for Temporal before the ledger is tried again. */
const STARTS = 64;
const TEMPORAL_PATIENCE = 1_200;

/** Milliseconds between two rounds. */
const PAUSE = 100;

/**
 * The way of a notification: the ledger's queue, by one INSERT for all that arrive meanwhile. Only if the ledger does not take it
 * in time, Temporal is asked to start its claim directly. Both are asked in turns until one of them has it or the time is over.
 */
export function createIntake({ queue, client, deadlineMs, onQueued, log }: IntakeDependencies): Intake {
  const enqueue = batchWrites((keys: readonly ArchiveKey[]) => queue.enqueueHints(keys, WRITE_TIMEOUT), {
    limit: WAITING,
    timeoutMs: WRITE_TIMEOUT,
  });
  const starts = createBulkhead(STARTS);

  return {
    async take(key, arrivedAt) {
      const latest = Math.max(arrivedAt + LATEST_ANSWER, performance.now() + LEAST_PATIENCE);
      const left = (most: number): number => Math.min(most, latest - performance.now());
      while (left(1) > 0) {
        const taken =
          (await askLedger(key, left(LEDGER_PATIENCE))) ?? (await askTemporal(key, left(TEMPORAL_PATIENCE)));
        if (taken) return taken;
        await sleep(Math.max(0, left(PAUSE)));
      }
      return 'unavailable';
    },
  };

  async function askLedger(key: ArchiveKey, ms: number): Promise<'accepted' | 'duplicate' | undefined> {
    try {
      const answer = await withTimeout(ms, enqueue(key));
      if (answer === 'accepted') onQueued();
      return answer;
    } catch (error) {
      log.warn({ ...key, reason: reasonOf(error) }, 'The ledger did not take a notification');
      return undefined;
    }
  }

  async function askTemporal(
    { tenant, archiveId }: Parameters<Intake['take']>[0],
    ms: number,
  ): Promise<'started' | 'duplicate' | undefined> {
    const row = { tenant, archiveId, origin: 'hint', attempts: 1 } as const;
    const outcome = await starts.run(ms, (timeoutMs) => startOrWake(client, row, { deadlineMs, timeoutMs }));
    if (outcome === 'started') return 'started';
    return outcome === 'running' ? 'duplicate' : undefined;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ArchivistError ? error.message : errorCode(error);
}
