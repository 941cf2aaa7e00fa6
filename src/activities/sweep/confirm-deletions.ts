import { setTimeout as pause } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import { ArchivistError, type FailureType } from '../../domain/failures';
import type { TenantId } from '../../domain/ids';
import { availabilityOf, isDocumented } from '../../domain/statuses';
import type { LedgerEntry } from '../../ledger/ledger';
import { readRecord } from '../claim/facts';
import type { Dependencies } from '../dependencies';
import { workOff, type Turn } from './turn';

/** Records that are requested concurrently, and the pause of a lane after each: at most twenty requests a second. */
const LANES = 2;
const LANE_PAUSE_MS = 100;
/** Consecutive failures after which the sweep stops asking the platform, and the failures that concern one archive only. */
const MOST_FAILURES = 5;
const OF_ONE_ARCHIVE: readonly FailureType[] = ['ArchiveNotFound', 'RecordInvalid'];

const HOUR_MS = 60 * 60_000;
/** How late the platform's deletion may be before a person is told. */
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
  const isToStop = (): boolean => failures >= MOST_FAILURES;
  const take = (limit: number) => ledger.dueForConfirmation(tenant, limit);
  const isMore = await workOff(
    turn,
    { take, idOf: ({ archiveId }) => archiveId, lanes: LANES, isToStop },
    async (entry) => {
      await confirm(entry);
      await pause(LANE_PAUSE_MS, undefined, { signal: turn.signal });
      return 'done';
    },
  );
  return isMore && !isToStop();

  async function confirm(entry: LedgerEntry): Promise<void> {
    const record = await readRecord(platformOf, entry, turn.signal);
    turn.signal.throwIfAborted();
    const isRead = !(record instanceof ArchivistError);
    // An error never means that the file is gone.
    failures = isRead || OF_ONE_ARCHIVE.includes(record.type) ? 0 : failures + 1;
    if (!isRead) log.warn('A deletion could not be confirmed', { tenant, reason: record.message });
    const status = isRead ? record.status : undefined;
    if (status !== undefined && availabilityOf(status) === 'expired') {
      await ledger.noteExpired(entry);
      turn.counts.expired += 1;
    } else {
      await ledger.postponeConfirmation(entry, postponementOf(entry, status));
    }
  }

  function postponementOf({ toldAt, platformStatus = '' }: LedgerEntry, status: string | undefined) {
    const lateMs = Date.now() - (toldAt ?? new Date()).getTime() - expiry.periodMs;
    const attention = attentionOf(status, lateMs);
    return {
      status: status ?? platformStatus,
      // Every hour at first, then less often the later it is, up to six hours apart.
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
