import type { ArchiveId, ConferenceId, TenantId } from './ids';
import type { Hold } from './orders';
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
  /** The account of the person who wants the archive abandoned although copy-only mode is on. */
  readonly abandonBy?: string;
  /** What one run of a claim hands to its next; never given by hand. */
  readonly carried?: CarriedOver;
}

/** What holds for a claim however many runs it takes: one ends before its history is too long. */
export interface CarriedOver {
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly abandon: boolean;
  readonly terms: AvailabilityTerms;
}

/** What a claim needs to know of the worker's configuration, and of the archive, when it begins; read once. */
export interface ClaimPolicy {
  readonly deadlineMs: number;
  /** `false` is copy-only mode: everything but the abandon. */
  readonly abandon: boolean;
  /** When the watch over what was abandoned does what. Absent in claims that began before there was one: they start none. */
  readonly expiry?: ExpiryPolicy;
  /** The hold that the ledger has of the archive, where it could be asked. */
  readonly held?: Hold;
}

/** What is due when, in milliseconds after the abandon. */
export interface ExpiryPolicy {
  /** When the copy is verified again: before the platform deletes its file. */
  readonly recheckMs: number;
  /** When the platform should have deleted its file. */
  readonly periodMs: number;
}

/** What a claim needs to know of the platform's record. Identifiers, sizes and checksums only. */
export interface ArchiveFacts {
  readonly conferenceId: ConferenceId;
  /** Lower-case hex; absent only where `claim.requireChecksum` is off and the record has none. */
  readonly sha256?: string;
  readonly platformStatus: string;
}

/** What a person accepted for one claim. */
export interface AvailabilityTerms {
  /** A record without a checksum, whatever `claim.requireChecksum` says. */
  readonly acceptWithoutChecksum?: boolean;
}

/** What waiting for an archive ended with. */
export type AvailabilityOutcome =
  /** `hurry`: the platform was told before and deletes the file soon. */
  | { readonly outcome: 'available'; readonly facts: ArchiveFacts; readonly hurry: boolean }
  /** Secured here and abandoned there already: nothing is left to do. `closed`: not even to be watched. */
  | { readonly outcome: 'done'; readonly secured: SecuredArchive; readonly closed?: true };

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
  /** SHA-256 of the bytes as they arrived, lower-case hex; where the record has none to compare with. */
  readonly sha256?: string;
}

/** A copy that was read back from the store and found right. */
export interface VerifiedCopy extends DownloadedCopy {
  /** SHA-256 of the bytes as they were read back, lower-case hex. */
  readonly sha256: string;
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
  readonly held?: Hold;
}

/** The result of a claim: `secured` in copy-only mode, else `abandoned`, or `closed` where even that was over. */
export interface ClaimResult extends SecuredArchive {
  readonly state: Extract<ClaimState, 'secured' | 'abandoned' | 'closed'>;
  /** The claim found everything done already. */
  readonly alreadyDone: boolean;
}
