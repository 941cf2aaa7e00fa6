import { setTimeout as pause } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import { ArchivistError, type FailureType } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { availabilityOf, isDocumented } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';
import type { Dependencies } from '../dependencies';
import { inParallel, type Turn } from './turn';

/** Records that are asked for at a time, and what a lane waits after each: some twenty a second. */
const LANES = 2;
const LANE_PAUSE_MS = 100;
const PAGE = 100;
/** Failures in a row after which the platform is left alone until the next sweep. */
const MOST_FAILURES = 5;

const HOUR_MS = 60 * 60_000;
/** How long after the platform should have deleted its file a person is told that it has not. */
const LATE_MS = 7 * 24 * HOUR_MS;

/**
 * Asks the platform whether it has deleted the files that it was told to delete. Only EXPIRED in the record confirms that; then the
 * copy is the only one, and is due to be verified once more.
 * @returns whether more is due
 */
export async function confirmDeletions(
  { ledger, platformOf, expiry }: Pick<Dependencies, 'ledger' | 'platformOf' | 'expiry'>,
  tenant: TenantId,
  turn: Turn,
): Promise<boolean> {
  let failures = 0;
  const isToStop = (): boolean => turn.isOver || failures >= MOST_FAILURES;
  for (;;) {
    const due = await ledger.dueForConfirmation(tenant, PAGE);
    if (due.length === 0) return false;
    await inParallel(due, LANES, async (entry) => {
      if (isToStop()) return;
      await confirm(entry);
      await pause(LANE_PAUSE_MS, undefined, { signal: turn.signal });
    });
    if (isToStop()) return failures < MOST_FAILURES;
  }

  async function confirm(entry: LedgerEntry): Promise<void> {
    const status = await statusOf(entry);
    if (status !== undefined && availabilityOf(status) === 'expired') {
      await ledger.noteExpired(entry);
      turn.counts.expired += 1;
    } else {
      await ledger.postponeConfirmation(entry, postponementOf(entry, status));
    }
  }

  /** @returns `undefined` if the platform gave no answer; an error never means that the file is gone */
  async function statusOf(entry: LedgerEntry): Promise<string | undefined> {
    try {
      const { status } = await platformOf(tenant).fetchRecord(entry, turn.signal);
      failures = 0;
      return status;
    } catch (error) {
      turn.signal.throwIfAborted();
      if (!(error instanceof ArchivistError) || error.type === 'UnknownTenant') throw error;
      failures += 1;
      log.warn('A deletion could not be confirmed', { tenant, reason: error.message });
      return undefined;
    }
  }

  function postponementOf({ toldAt, platformStatus = '' }: LedgerEntry, status: string | undefined) {
    const lateMs = Date.now() - (toldAt ?? new Date()).getTime() - expiry.period;
    const attention = attentionOf(status, lateMs);
    return {
      status: status ?? platformStatus,
      // Every hour at first; the later it is, the more seldom, at most every six hours.
      dueInMs: Math.min(Math.max(HOUR_MS, lateMs / 4), 6 * HOUR_MS),
      ...(attention !== undefined && { attention }),
    };
  }
}

function attentionOf(status: string | undefined, lateMs: number): FailureType | undefined {
  const isUndone = status !== undefined && isDocumented(status) && availabilityOf(status) !== 'abandoned';
  if (isUndone) return 'AbandonUndone';
  return lateMs > LATE_MS ? 'ExpiryUnconfirmed' : undefined;
}
