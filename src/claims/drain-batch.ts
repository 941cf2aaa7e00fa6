import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { BaseLogger } from 'pino';
import { ArchivistError } from '../domain/failures';
import type { TenantId } from '../domain/ids';
import type { Ledger } from '../ledger/ledger';
import type { LeasedRow } from '../ledger/sql/queue';
import { startOrWake, type StartOutcome } from './start-or-wake';
import { withTimeout } from './with-timeout';

export interface BatchDependencies {
  readonly client: Client;
  readonly queue: Pick<Ledger, 'lease' | 'postpone' | 'dequeue'>;
  /** Rows of other tenants stay in the queue. */
  readonly tenants: readonly TenantId[];
  /** Milliseconds from the start of a claim to its deadline. */
  readonly deadlineMs: number;
  readonly count: (outcome: StartOutcome) => void;
  readonly log: Pick<BaseLogger, 'info' | 'warn'>;
  readonly spans: DrainerSpans;
}

/** The drainer's spans in milliseconds. */
export interface DrainerSpans {
  /** Between two reads of the queue if nobody wakes the drainer, and after a failure of the ledger. */
  readonly poll: number;
  /** Between two tries while Temporal is silent. */
  readonly probe: number;
  /** How long leased rows belong to this drainer: longer than a batch takes. Then the rows of a killed process are due again. */
  readonly lease: number;
  /** The time limit of one start. */
  readonly start: number;
  /** The first pause before a claim is started again that runs but has not begun in the ledger: it may just be ending. */
  readonly ending: number;
  /** The second such pause, when it probably waits for a worker; also the pause after the first start that Temporal refused. */
  readonly retry: number;
  /** The limit of the pauses after `retry`, each of which is twice as long as the one before. */
  readonly longestRetry: number;
}

/** Concurrent starts. */
const STARTS = 16;
/** Milliseconds that a statement of the ledger may take before the drainer goes on without its answer. */
const LEDGER_TIMEOUT = 4_000;

/**
 * Leases a batch, and starts or wakes the claim of each row. Once Temporal is silent or `signal` is aborted,
 * it starts nothing more, and gives the remaining rows back as they were.
 * @returns how many rows were leased, and whether Temporal was silent; `undefined` if no request was sent
 */
export async function drainBatch(
  { client, queue, tenants, deadlineMs, count, log, spans }: BatchDependencies,
  limit: number,
  leasedBy: string,
  signal: AbortSignal,
): Promise<{ readonly leased: number; readonly isSilent: boolean | undefined }> {
  // A process that was paused for longer than its lease must not act on what it read before.
  const lastStart = performance.now() + spans.lease - spans.start;
  const rows = await inTime(queue.lease({ tenants, limit, leaseMs: spans.lease, leasedBy }));
  const starts = pLimit(STARTS);
  const over: LeasedRow[] = [];
  const later: (LeasedRow & { readonly dueInMs: number })[] = [];
  let isSilent: boolean | undefined;
  await Promise.all(rows.map((row) => starts(drain, row)));
  if (over.length > 0) await inTime(queue.dequeue(over, leasedBy));
  if (later.length > 0) await inTime(queue.postpone(later, leasedBy));
  return { leased: rows.length, isSilent };

  async function drain(row: LeasedRow): Promise<void> {
    const next = nextOf(row, await outcomeOf(row), spans);
    if (next === 'over') over.push(row);
    else if (next !== 'leased') later.push({ ...row, dueInMs: next });
  }

  /** @returns `undefined` if the row was not tried */
  async function outcomeOf(row: LeasedRow): Promise<StartOutcome | undefined> {
    if (isSilent === true || signal.aborted || performance.now() > lastStart) return undefined;
    const outcome = await start(row);
    if (outcome === 'silent') isSilent = true;
    else if (outcome !== 'dropped') isSilent ??= false;
    count(outcome);
    return outcome;
  }

  async function start(row: LeasedRow): Promise<StartOutcome> {
    const { tenant, archiveId, origin, attempts } = row;
    const about = { tenant, archiveId, origin, attempts };
    const outcome = await startOrWake(client, row, {
      deadlineMs,
      timeoutMs: spans.start,
      onFailure: (code) => log.warn({ ...about, code }, 'Temporal did not take a claim'),
    });
    if (outcome === 'started' || outcome === 'running') log.info({ ...about, outcome }, 'Claim');
    return outcome;
  }
}

/**
 * A row's next state: what it asks for is `over` (done, decided or under way), it stays `leased` until the claim begins, or is
 * due again after the returned milliseconds. 0: as if it was never leased.
 */
function nextOf(
  { known, attempts }: LeasedRow,
  outcome: StartOutcome | undefined,
  spans: DrainerSpans,
): 'over' | 'leased' | number {
  switch (outcome) {
    case undefined:
    case 'silent':
      return 0;
    case 'started':
      return 'leased';
    case 'dropped':
      return 'over';
    case 'refused':
      return growing(attempts, spans);
    case 'running':
      if (known?.underWay === true) return 'over';
      return attempts === 1 ? spans.ending : growing(attempts - 1, spans);
  }
}

function growing(times: number, { retry, longestRetry }: DrainerSpans): number {
  return Math.min(retry * 2 ** (times - 1), longestRetry);
}

/** @throws ArchivistError `LedgerUnavailable` if the ledger does not answer in time */
async function inTime<Result>(statement: Promise<Result>): Promise<Result> {
  const answer = await withTimeout(
    LEDGER_TIMEOUT,
    statement.then((result) => ({ result })),
  );
  if (answer) return answer.result;
  throw new ArchivistError('LedgerUnavailable', 'The ledger did not answer the drainer in time.');
}
