import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../../domain/ids';
import type { ClaimState } from '../../domain/states';

export interface LedgerEntry extends ArchiveKey {
  readonly tenant: TenantId;
  readonly archiveId: ArchiveId;
  /** The record's conference: the first of `conferenceIds`. */
  readonly conferenceId?: ConferenceId;
  /** Every conference that the archive was ever shown in. */
  readonly conferenceIds: readonly ConferenceId[];
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly location?: string;
  readonly state: ClaimState;
  readonly stateSince: Date;
  readonly platformStatus?: string;
  /** Why a person should look: a failure type. */
  readonly attention?: { readonly reason: string; readonly since: Date };
  readonly warning?: string;
  readonly accepted: readonly string[];
  /** The run of the claim (or repair) that wrote last; absent if none ever began. */
  readonly runId?: string;
  readonly ended?: { readonly at: Date; readonly reason: string };
  readonly deadlineAt?: Date;
  readonly decided?: {
    readonly decision: 'giveUp' | 'cancelled' | 'deadline';
    readonly by: string;
    readonly at: Date;
  };
  /** Who keeps it from being abandoned. */
  readonly held?: { readonly by: string; readonly since: Date };
  /** Who wants it abandoned although copy-only mode is on. */
  readonly abandonWanted?: { readonly by: string; readonly at: Date };
  readonly announcedAt: Date;
  /** When a copy was last sealed. */
  readonly securedAt?: Date;
  /** When the platform first showed that it was told. */
  readonly toldAt?: Date;
  /** When the record said EXPIRED. */
  readonly expiredAt?: Date;
  /** The latest fixity check of the sealed copy. */
  readonly fixity?: { readonly ok: boolean; readonly at: Date };
  readonly fixityDueAt?: Date;
  readonly confirmDueAt?: Date;
}

/** What a record showed. */
export interface RecordNote {
  readonly conferenceId?: ConferenceId;
  readonly platformStatus: string;
  /** Lower-case hex. */
  readonly sha256?: string;
  /** The response body exactly as it came; valid JSON. */
  readonly source: string;
}

export interface LedgerEvent {
  readonly sequence: number;
  readonly at: Date;
  /** A term of the PREMIS event type vocabulary. */
  readonly type: string;
  readonly outcome: 'success' | 'failure' | 'warning';
  readonly detail: Readonly<Record<string, unknown>>;
  /** SHA-256, hex, over this event and the hash of the one before. */
  readonly hash: string;
}
