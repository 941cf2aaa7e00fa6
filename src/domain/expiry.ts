import type { ExpiryPolicy, SecuredArchive } from './claim';
import type { FailureType } from './failures';
import type { ArchiveId, ConferenceId, TenantId } from './ids';
import type { ClaimState } from './states';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const WATCH_EXPIRY = 'watchExpiry';

/** The signal that has a watch verify its copy, and ask the platform, at once. */
export const RECHECK = 'recheck';

/** The input of `watchExpiry`, as it may be typed by hand. */
export interface WatchInput {
  readonly tenant: string;
  readonly archiveId: string;
  /** Absent: everything is due at once. */
  readonly expiry?: ExpiryPolicy;
}

/** What the ledger has of an archive that was abandoned. */
export interface AbandonedArchive extends SecuredArchive {
  readonly state: Extract<ClaimState, 'abandoned' | 'closed'>;
  /** ISO 8601. */
  readonly abandonedAt: string;
}

/** What reading a stored copy back showed. `damaged`: it is not what was secured. */
export type CopyVerdict = 'whole' | 'damaged' | 'missing';

/** What a watch is doing. */
export type WatchPhase = 'waiting' | 'verifying' | 'repairing' | 'asking' | 'closed';

/** The answer to the query `progress`. Times are ISO 8601. */
export interface WatchProgress {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
  readonly conferenceId?: ConferenceId;
  readonly state: Extract<ClaimState, 'abandoned' | 'closed' | 'attention'>;
  readonly phase: WatchPhase;
  readonly since: string;
  readonly recheckAt?: string;
  readonly expiresAt?: string;
  readonly attention?: FailureType;
  /** The failure behind `attention`, where it is another one. */
  readonly cause?: FailureType;
}

/** What proves that the source deleted its file, and that the copy was right afterwards. Times are ISO 8601. */
export interface ClosedArchive extends SecuredArchive {
  /** When the platform's record said `EXPIRED`. */
  readonly expiredAt: string;
  readonly verifiedAt: string;
}

/** The result of `watchExpiry`. */
export interface WatchResult extends ClosedArchive {
  readonly state: Extract<ClaimState, 'closed'>;
}
