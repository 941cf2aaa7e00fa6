import type { GivenOrder } from '../../domain/orders';
import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../../domain/ids';
import type { LedgerEntry, RecordNote } from './entries';

/** Orders, each one transaction that locks the row, writes, and looks for flights in a later statement. */
export interface Orders {
  /**
   * Writes an order. For an archive without a row, `shown` (what its record showed) makes the row in the same transaction;
   * without it nothing is written, and the look says that there is no entry.
   */
  writeOrder(key: ArchiveKey, order: GivenOrder, shown?: RecordNote): Promise<OrderLook>;

  /** What stands of an archive's orders now. */
  look(key: ArchiveKey): Promise<OrderLook>;

  /** Writes a conference that a record showed, so that a look finds the flights of that one, too. */
  noteShown(key: ArchiveKey, shown: Pick<RecordNote, 'platformStatus' | 'conferenceId'>): Promise<OrderLook>;

  /** `failed`, if an order to end stands and no request may still take effect. Only after the record was read, or if none ever was begun. */
  conclude(key: ArchiveKey, reason: string): Promise<OrderLook>;

  /** Has these archives of one conference abandoned although copy-only mode is on. @returns how many orders were new */
  orderAbandon(
    tenant: TenantId,
    archiveIds: readonly ArchiveId[],
    by: string,
    reason?: string,
  ): Promise<number>;
}

export interface OrderLook {
  readonly entry?: LedgerEntry;
  /** Whether this call changed something: an order that stands already, or does not fit, is not written again. */
  readonly written: boolean;
  readonly told: boolean;
  /** Requests that may touch the archive: those that may still take effect, and those that ever were begun. */
  readonly flightsOpen: number;
  readonly flightsEver: number;
  readonly conferenceIds: readonly ConferenceId[];
}
