import { log } from '@temporalio/activity';
import { safeReasonOf } from '../../domain/error-code';
import type { TenantId } from '../../domain/ids';
import type { LedgerEntry } from '../../ledger/ledger';
import { examineCopy, type Examination } from '../../store/examine-copy';
import type { Dependencies } from '../dependencies';
import { count } from '../metrics';
import { workOff, type Turn } from './turn';

/** Copies that are read concurrently: downloads use the same disks. */
const LANES = 4;
/**
 * Milliseconds until a damaged copy is read again if nobody begins its repair: the process may die between recording the damage
 * and reporting it. A repair that begins postpones this.
 */
const UNREPAIRED_MS = 15 * 60_000;
/** Damaged copies that one batch reports: its result goes through Temporal, whose payloads are limited. */
const MOST_DAMAGED = 500;

/**
 * Reads back each stored copy whose fixity check is due, and records each check once, even if another sweep runs. Damage is
 * recorded and reported, and nothing is moved: a bag leaves its place only for a better one.
 * @returns whether more is due
 */
export async function recheckCopies(
  { ledger, store, expiry }: Pick<Dependencies, 'ledger' | 'store' | 'expiry'>,
  tenant: TenantId,
  turn: Turn,
): Promise<boolean> {
  count(tenant, { archivist_copies_damaged: 0, archivist_copies_repaired: 0 });
  const isToStop = (): boolean => turn.damaged.length >= MOST_DAMAGED;
  const take = (limit: number) => ledger.dueForFixity(tenant, limit);
  return await workOff(turn, { take, idOf: ({ archiveId }) => archiveId, lanes: LANES, isToStop }, recheck);

  /** A copy that can be neither read nor called damaged is unclear. */
  async function recheck(entry: LedgerEntry): Promise<'done' | 'unclear'> {
    const examined = await examine(entry);
    // If this attempt was cancelled while it read, a repair may have replaced the copy since.
    turn.signal.throwIfAborted();
    if (examined !== undefined) await record(entry, examined);
    turn.beat();
    return examined === undefined ? 'unclear' : 'done';
  }

  async function examine(entry: LedgerEntry): Promise<Examination | undefined> {
    const { sha256 = '', sizeBytes = 0 } = entry;
    const options = { signal: turn.signal, onBytes: () => turn.beat() };
    try {
      return await examineCopy(store, entry, { sha256, sizeBytes }, options);
    } catch (error) {
      turn.signal.throwIfAborted();
      // Throws if the store itself cannot be used: then no copy can be judged.
      await store.check();
      log.warn('A copy could not be read back', {
        tenant,
        archiveId: entry.archiveId,
        reason: safeReasonOf(error),
      });
      return undefined;
    }
  }

  async function record(entry: LedgerEntry, { verdict, found }: Examination): Promise<void> {
    const due = { retryMs: UNREPAIRED_MS, recheckMs: expiry.recheckMs };
    const recorded = await ledger.recordRecheck(entry, { ...found, ...due, verdict });
    if (recorded === 'stale') return;
    turn.counts.rechecked += 1;
    if (verdict === 'whole') turn.counts.whole += 1;
    else turn.damaged.push({ tenant, archiveId: entry.archiveId });
    if (recorded === 'closed') turn.counts.closed += 1;
    if (recorded === 'news') count(tenant, { archivist_copies_damaged: 1 });
  }
}
