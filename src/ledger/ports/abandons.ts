import type { AbandonObstacle } from '../../domain/claim';
import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../../domain/ids';
import type { CopyVerdict } from '../../domain/sweep';
import type { ExpiryTerms, Fence } from './claims';

/** The protocol of an abandon; `docs/architecture.md` tells it whole. */
export interface Abandons {
  /** The archives that an abandon of the conference would reach and that are not told, as the ledger knows them. */
  members(tenant: TenantId, conferenceId: ConferenceId): Promise<Member[]>;

  /**
   * Records a look at a member's sealed copy, unless another one was recorded since the caller read `seen`. A copy that is damaged
   * or gone fails every judgement about its conferences until it is repaired, and is due for the sweep at once.
   * @returns whether it was recorded
   */
  noteMemberFixity(
    key: ArchiveKey,
    check: {
      readonly verdict: CopyVerdict;
      /** When the latest check that the caller knew of was recorded. */
      readonly seen: Date;
      readonly sha256?: string;
      readonly sizeBytes?: number;
    },
  ): Promise<boolean>;

  /**
   * Judges, under the members' lock, whether the conference may be abandoned now, and if so opens a flight. The verdicts of
   * {@link AbandonObstacle} have ended the claim at `secured`; after `fixity`, `listTooOld` and `inFlight` there is work to do.
   */
  intend(
    key: ArchiveKey,
    fence: Fence,
    terms: {
      readonly flightId: string;
      /** Absent if the platform's abandon addresses one archive: then nothing but this archive is judged. */
      readonly conferenceId?: ConferenceId;
      readonly worker: string;
      readonly copyOnly: boolean;
      readonly leaseMs: number;
      /** How old the latest fixity check of a member may be, in milliseconds: a day. */
      readonly fixityFreshMs: number;
      /** How long ago the list may have begun, in milliseconds: an hour. */
      readonly listAgeMs: number;
    },
  ): Promise<'intended' | 'told' | 'fenced' | 'fixity' | 'listTooOld' | 'inFlight' | AbandonObstacle>;

  /** Ends a flight whose request can have no effect. Only its owner does so; `settled` is the sweep's. */
  endFlight(flightId: string, outcome: 'unsent' | 'refused' | 'settled'): Promise<void>;

  /** Writes that records showed these archives ABANDONED or EXPIRED, whatever their rows' runs, holds or decisions are. */
  noteTold(
    tenant: TenantId,
    shown: readonly { readonly archiveId: ArchiveId; readonly status: string }[],
    expiry: ExpiryTerms,
  ): Promise<void>;
}

export interface Member {
  readonly archiveId: ArchiveId;
  readonly conferenceKnown: boolean;
  readonly secured?: { readonly sha256: string; readonly sizeBytes: number };
  /** Whether the latest fixity check was a success, and when it was. */
  readonly fixity?: { readonly ok: boolean; readonly at: Date };
}
