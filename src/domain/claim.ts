import type { ArchiveId, ConferenceId, TenantId } from './ids';
import type { ClaimState } from './states';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const CLAIM_ARCHIVE = 'claimArchive';

/** The signal that wakes a waiting claim at once. */
export const ANNOUNCED = 'announced';

/** The query that tells how far a claim is. */
export const PROGRESS = 'progress';

/** The input of `claimArchive`, as it may be typed by hand. */
export interface ClaimInput {
  readonly tenant: string;
  readonly archiveId: string;
}

/** What the worker's configuration says about every claim; read once, when a claim begins. */
export interface ClaimPolicy {
  readonly deadlineMs: number;
  /** `false` is copy-only mode: everything but the abandon. */
  readonly abandon: boolean;
}

/** What a claim needs to know of the platform's record. Identifiers, sizes and checksums only. */
export interface ArchiveFacts {
  readonly conferenceId: ConferenceId;
  /** Lower-case hex; absent only where `claim.requireChecksum` is off and the record has none. */
  readonly sha256?: string;
  readonly platformStatus: string;
}

/** What waiting for an archive ended with. */
export type AvailabilityOutcome =
  /** `hurry`: the platform was told before and deletes the file soon. */
  | { readonly outcome: 'available'; readonly facts: ArchiveFacts; readonly hurry: boolean }
  /** Secured here and abandoned there already: nothing is left to do. */
  | { readonly outcome: 'done'; readonly secured: SecuredArchive };

/** A copy that is sealed and recorded. */
export interface SecuredArchive {
  readonly conferenceId: ConferenceId;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly location: string;
}

/** A whole copy in the store that is not yet proven. */
export interface DownloadedCopy {
  /** Names this copy and no other, so that what is verified is what is sealed. */
  readonly copyId: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes as they arrived, lower-case hex. */
  readonly sha256: string;
}

/** A copy that was read back from the store and found right. */
export interface VerifiedCopy extends DownloadedCopy {
  /** Files inside the zip. */
  readonly entries: number;
}

/** What a transfer tells of itself while it runs: shown in the Temporal UI, by `archivist status` and the demo. */
export interface TransferProgress {
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly bytesPerSecond: number;
}

/** The answer to the query `progress`. Times are ISO 8601. */
export interface ClaimProgress {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
  readonly conferenceId?: string;
  readonly state: ClaimState;
  readonly since: string;
  readonly deadline?: string;
  readonly sizeBytes?: number;
  readonly attention?: string;
}

/** The result of a claim: `secured` in copy-only mode, else `abandoned`. */
export interface ClaimResult extends SecuredArchive {
  readonly state: Extract<ClaimState, 'secured' | 'abandoned'>;
  /** The claim found everything done already. */
  readonly alreadyDone: boolean;
}
