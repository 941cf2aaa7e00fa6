import type { Repair } from '../domain/reconciliation';
import type { ArchiveId, ConferenceId, TenantId } from '../domain/ids';
import type { Availability } from '../domain/statuses';

/** What reconciliation asks of the ledger, in sets: the platform's list may be long. */
export interface Reconciliation {
  /**
   * Tells which of the listed archives need something, each of them once. What is to be claimed again is picked by this: it is not
   * told again within an hour, or, where its claim had failed, within a day, and then at most 7 times in all.
   */
  compareWithList(
    tenant: TenantId,
    listed: readonly ListedAvailability[],
    terms: {
      /** Whether what is secured is to be abandoned: then, for a day, its claim may be under way. */
      readonly abandon: boolean;
      /** How many archives of failed and lost claims may be picked. */
      readonly room: number;
    },
  ): Promise<Discrepancy[]>;

  /**
   * Records archives of which the platform says EXPIRED as `missed`: those that are not known, and those without a copy whose claim
   * has failed. A claim that is under way finds out by itself.
   * @returns how many of them that was news of
   */
  missListed(tenant: TenantId, expired: readonly ExpiredArchive[]): Promise<number>;
}

export interface ListedAvailability {
  readonly archiveId: ArchiveId;
  readonly availability: Availability;
}

export interface ExpiredArchive {
  readonly archiveId: ArchiveId;
  readonly conferenceId?: ConferenceId | undefined;
}

export interface Discrepancy {
  readonly archiveId: ArchiveId;
  /**
   * `missed`: it expired without a copy, and that is not recorded. `left`: its claim failed or was lost, and there was no room. `givenUp`:
   * its claim failed as often as it is tried.
   */
  readonly need: Repair | 'missed' | 'left' | 'givenUp';
}
