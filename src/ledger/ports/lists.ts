import type { ArchiveId, ConferenceId, TenantId } from '../../domain/ids';
import type { ExpiryTerms } from './claims';

/** Readings of a platform's list. An abandon relies on one that is whole and began late enough. */
export interface Lists {
  /**
   * Begins a reading: committed before the first request is sent.
   * @returns its id; `undefined` while the lease of another reading of this tenant, or the pause after it, runs
   */
  beginList(
    tenant: TenantId,
    reader: string,
    leaseMs: number,
    options?: {
      /** Whether it may begin in the pause after another one. */
      readonly duringPause?: boolean;
    },
  ): Promise<string | undefined>;

  /** Lengthens the lease of a reading that is under way. @returns `false` if it ended, or lapsed and another one began */
  renewList(id: string, leaseMs: number): Promise<boolean>;

  /**
   * Writes what one part of a list shows: new rows, new conferences, new statuses, told. What is unchanged is not written, and
   * EXPIRED and unknown here gets no row. Queues what the platform still has and nobody works on: never begun, failed a day
   * ago, not moved for an hour, rescued before it expires. An archive that is about to be abandoned is marked as shown by this
   * reading (`id`): `intend` relies on no list that leaves it out.
   */
  noteListed(
    tenant: TenantId,
    id: string,
    listed: readonly ListedArchive[],
    expiry: ExpiryTerms,
  ): Promise<{ readonly changed: number; readonly queued: number; readonly missed: number }>;

  /**
   * Ends a reading; `whole` only after everything that it showed was committed. Until `factor` times as long as it took has
   * passed, at most `longestMs`, no other reading of the tenant begins, unless it may in a pause: the lease is what keeps others away.
   * @returns whether it was ended as asked: `false` if its lease had lapsed, and then it is not whole
   */
  endList(
    id: string,
    whole: boolean,
    pause: { readonly factor: number; readonly longestMs: number },
  ): Promise<boolean>;

  /** When the latest whole reading began; `now` is the database's clock. */
  latestList(tenant: TenantId): Promise<{ readonly begunAt?: Date; readonly now: Date }>;
}

export interface ListedArchive {
  readonly archiveId: ArchiveId;
  readonly conferenceId?: ConferenceId | undefined;
  readonly status: string;
}
