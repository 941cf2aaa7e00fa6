import type { FailureType } from './failures';
import type { ArchiveId, ConferenceId, TenantId } from './ids';
import type { ClaimState } from './states';

/** The name under which the workflow is registered; anyone may start it by hand. */
export const CLAIM_ARCHIVE = 'claimArchive';

/** The signal that makes a claim look again at once: at the platform, and at the orders in the ledger. */
export const ANNOUNCED = 'announced';

/** The query for a claim's progress. */
export const PROGRESS = 'progress';

/** The default milliseconds from a claim's start to its deadline: 7 days. */
export const DEFAULT_DEADLINE_MS = 7 * 24 * 60 * 60_000;

/** The input of `claimArchive`, as it may be typed by hand. */
export interface ClaimInput {
  readonly tenant: string;
  readonly archiveId: string;
  /** Milliseconds from the start to the deadline. */
  readonly deadlineMs?: number;
  /** What one run of a claim hands to its next (continue-as-new); never given by hand. */
  readonly carried?: CarriedOver;
}

/** What a claim keeps across its runs. */
interface CarriedOver {
  /** Milliseconds since 1970. */
  readonly deadlineAt: number;
  readonly attention?: string;
}

/** The facts that a claim needs from the platform's record. Identifiers, sizes and checksums only. */
export interface ArchiveFacts {
  readonly conferenceId: ConferenceId;
  /** Lower-case hex; absent only if the record has none and a person, or `claim.requireChecksum: false`, accepted that. */
  readonly sha256?: string;
  readonly platformStatus: string;
}

/** The input of `awaitAvailable`. */
export interface AwaitAvailableInput {
  /** Milliseconds since 1970; written into the ledger when the run begins. */
  readonly deadlineAt: number;
  /** Whether to retry a refused API key without a limit, because a person was told already. */
  readonly patient?: boolean;
}

/** The result of waiting for an archive. `deadlineAt` (milliseconds since 1970) is the ledger's, which may have been extended. */
export type AvailabilityOutcome =
  /** `urgent`: the platform was told before, and deletes the file soon. */
  | {
      readonly outcome: 'available';
      readonly facts: ArchiveFacts;
      readonly urgent: boolean;
      readonly deadlineAt: number;
    }
  /** A sealed copy is in its place: only the abandon is left. */
  | { readonly outcome: 'secured'; readonly secured: SecuredArchive; readonly deadlineAt: number }
  /** Secured here and told there already: nothing is left to do. */
  | {
      readonly outcome: 'done';
      readonly secured: SecuredArchive;
      readonly state: Extract<ClaimState, 'abandoned' | 'closed'>;
    }
  /** A person gave the archive up or cancelled its claim, and that stands. */
  | { readonly outcome: 'decided'; readonly decision: DecidedEnd }
  /** The platform knows no such archive (404), and no record or list ever showed it: nothing is stored about it. */
  | { readonly outcome: 'unknown' };

/** Decisions that end a claim. */
export type DecidedEnd = 'giveUp' | 'cancelled' | 'deadline';

/** The failures of claims that a decision ends. */
export const DECIDED_FAILURES = {
  giveUp: 'GivenUp',
  cancelled: 'Cancelled',
  deadline: 'DeadlineExceeded',
} as const satisfies Record<DecidedEnd, FailureType>;

/** A copy that is sealed and recorded. */
export interface SecuredArchive {
  readonly conferenceId: ConferenceId;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly location: string;
}

/** A whole copy in the store that is not yet verified. */
export interface DownloadedCopy {
  /** Identifies this copy and no other, so that the sealed copy is the verified one. */
  readonly copyId: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes as they arrived, lower-case hex; present if the record has no checksum. */
  readonly sha256?: string;
}

/** An obstacle to the abandon of a secured archive that its claim cannot remove. */
export type AbandonObstacle = (typeof OBSTACLES)[number];

export const OBSTACLES = [
  'notSecured',
  'conferenceUnknown',
  'held',
  'decided',
  'warning',
  'copyOnly',
] as const;

/** The result of `abandonArchive`. */
export type AbandonOutcome =
  { readonly outcome: 'abandoned' } | { readonly outcome: 'waits'; readonly waitsFor: AbandonObstacle };

/** How a claim ended off its path. */
export interface ClaimEnd {
  readonly kind: 'failed' | 'missed' | Extract<DecidedEnd, 'cancelled' | 'deadline'>;
  readonly reason: FailureType;
  /** The deadline that has passed, in milliseconds since 1970. */
  readonly deadlineAt?: number;
}

/** The orders in the ledger, as a claim reads them when it is signalled. */
export interface StandingOrders {
  readonly decision?: DecidedEnd;
  /** Milliseconds since 1970. */
  readonly deadlineAt?: number;
}

/** The progress that a running transfer reports: shown in the Temporal UI, by `archivist status` and the demo. */
export interface TransferProgress {
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly bytesPerSecond: number;
}

/** The answer to the query `progress`. Times are ISO 8601. */
export interface ClaimProgress {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
  readonly conferenceId?: string | undefined;
  readonly state: ClaimState;
  readonly since: string;
  readonly deadline: string;
  readonly sizeBytes?: number | undefined;
  /** Why the claim needs a person, beside the state. */
  readonly attention?: string;
  /** What the abandon of a secured archive waits for. */
  readonly waitsFor?: AbandonObstacle | undefined;
}

/** The result of a claim: `abandoned`, or `closed` if the archive was closed already, or `secured` if the abandon has to wait. */
export interface ClaimResult extends SecuredArchive {
  readonly state: Extract<ClaimState, 'secured' | 'abandoned' | 'closed'>;
  /** The claim found everything done already. */
  readonly alreadyDone: boolean;
  readonly waitsFor?: AbandonObstacle;
}
