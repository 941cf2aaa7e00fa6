import type { ArchiveId, ArchiveKey, TenantId } from '../../domain/ids';
import type { CopyVerdict } from '../../domain/sweep';
import type { LedgerEntry } from './entries';

/** What the sweep reads and writes: what the ledger says is due is due, whatever became of Temporal. */
export interface Sweep {
  /** Copies whose fixity check is due, the longest due first. */
  dueForFixity(tenant: TenantId, limit: number): Promise<LedgerEntry[]>;

  /** Archives whose deletion is to be confirmed, the longest due first. */
  dueForConfirmation(tenant: TenantId, limit: number): Promise<LedgerEntry[]>;

  /**
   * Records a fixity check, once: only while the row is due and was checked as it was read. A copy that is right is due again
   * `recheckMs` after the platform was told, if that is still to come, and when the platform's deletion is confirmed; a bad one
   * after `retryMs`, with attention `CopyDamaged`.
   * After EXPIRED a right copy closes the row, with the evidence.
   * @returns `stale` if somebody else recorded it; `closed` if the row was closed; `news`: the first time that it is bad
   */
  recordRecheck(
    entry: LedgerEntry,
    check: {
      readonly verdict: CopyVerdict;
      readonly sha256?: string;
      readonly sizeBytes?: number;
      readonly retryMs: number;
      readonly recheckMs?: number;
    },
  ): Promise<'stale' | 'recorded' | 'closed' | 'news'>;

  /** The record says EXPIRED: the copy is due to be verified once more, as it is the only one now. Once. */
  noteExpired(key: ArchiveKey): Promise<void>;

  /** The record does not say EXPIRED yet: asked again after `dueInMs`, with a reason for attention if there is one. */
  postponeConfirmation(
    key: ArchiveKey,
    postponed: { readonly status: string; readonly dueInMs: number; readonly attention?: string },
  ): Promise<void>;

  /**
   * Flights that were begun `settleMs` ago or earlier and are not over, with all archives that they may have reached and that are
   * not told; the oldest first.
   */
  flightsToSettle(
    tenant: TenantId,
    settleMs: number,
    limit: number,
  ): Promise<{ readonly flightId: string; readonly untold: readonly ArchiveKey[] }[]>;

  /** Archives with an order to end that is not decided yet and that no open flight touches. */
  undecided(tenant: TenantId, limit: number): Promise<ArchiveKey[]>;

  /** Those of the archives that were given up, cancelled or missed. */
  unwanted(tenant: TenantId, archiveIds: readonly ArchiveId[]): Promise<ArchiveId[]>;

  /**
   * Queues secured archives whose claims ended, whose conferences may be abandoned by what the ledger says.
   * @returns how many
   */
  queueAbandonable(
    tenant: TenantId,
    terms: { readonly copyOnly: boolean; readonly quietMs: number },
  ): Promise<number>;

  /** How many fixity checks are overdue by more than `lateMs`. */
  countOverdue(tenant: TenantId, lateMs: number): Promise<number>;
}
