import type { AbandonObstacle } from '../../domain/claim';
import type { ArchiveId, ArchiveKey, ConferenceId, TenantId } from '../../domain/ids';
import type { CopyVerdict } from '../../domain/sweep';
import { findEntries, type LedgerEntry } from '../entry';
import { call, interval, type Run } from '../run-statement';
import { attempt, termsOf, type CopyFound, type ExpiryTerms, type Fence } from './claims';

/** The statements of the abandon's protocol, which `docs/architecture.md` describes. */
export function abandons(run: Run) {
  return {
    /** The archives that an abandon of the conference would reach, as the ledger knows them. */
    members: (tenant: TenantId, conferenceId: ConferenceId): Promise<LedgerEntry[]> =>
      findEntries(run, 'members', MEMBERS, [tenant, conferenceId]),

    /**
     * Records a check of a member's sealed copy, unless another was recorded since the caller read `seen`. A copy that is damaged
     * or gone fails every judgement about its conferences until it is repaired, and is due for the sweep at once.
     * @returns whether it was recorded
     */
    async noteMemberFixity({ tenant, archiveId }: ArchiveKey, check: MemberCheck): Promise<boolean> {
      const found = [check.verdict, check.sha256, check.sizeBytes];
      return await call(run, 'note_member_fixity', tenant, archiveId, check.seen.toISOString(), ...found);
    },

    /**
     * Judges whether the conference may be abandoned now, and if so opens a flight, in one transaction, under the members' lock and the
     * locks of all members' rows. The verdicts of {@link AbandonObstacle} have ended the claim at `secured`; after `unseen`, `fixity`,
     * `listTooOld` and `inFlight` there is work to do.
     */
    async intend(key: ArchiveKey, fence: Fence, terms: FlightTerms): Promise<IntendVerdict> {
      const { flightId, conferenceId, worker, lookedAt, copyOnly, leaseMs, fixityFreshMs, listAgeMs } = terms;
      const [tenant, ...own] = attempt(key, fence);
      const conditions = [worker, lookedAt, copyOnly, ...[leaseMs, fixityFreshMs, listAgeMs].map(interval)];
      return await call(run, 'intend', flightId, tenant, conferenceId, ...own, ...conditions);
    },

    /** Ends a flight whose request can have no effect, once. Only its owner may do so, or, with `settled`, the sweep. */
    async endFlight(flightId: string, outcome: 'unsent' | 'refused' | 'settled'): Promise<void> {
      await call(run, 'end_flight', flightId, outcome);
    },

    /**
     * Writes that records showed these archives ABANDONED or EXPIRED, whatever their rows' runs, holds or decisions are. Told is
     * never taken back.
     */
    async noteTold(
      tenant: TenantId,
      shown: readonly { readonly archiveId: ArchiveId; readonly status: string }[],
      expiry: ExpiryTerms,
    ): Promise<void> {
      const rows = shown.map(({ archiveId, status }) => ({ archive_id: archiveId, status }));
      await call(run, 'note_told', tenant, JSON.stringify(rows), ...termsOf(expiry));
    },
  };
}

export interface MemberCheck extends CopyFound {
  readonly verdict: CopyVerdict;
  /** When the latest check that the caller knew of was recorded. */
  readonly seen: Date;
}

export interface FlightTerms {
  readonly flightId: string;
  /** Absent if the platform's abandon addresses one archive: then nothing but this archive is judged. */
  readonly conferenceId?: ConferenceId;
  readonly worker: string;
  /** The other members whose bags and records the caller has checked. */
  readonly lookedAt: readonly ArchiveId[];
  readonly copyOnly: boolean;
  readonly leaseMs: number;
  /** How old the latest fixity check of a member may be, in milliseconds: a day. */
  readonly fixityFreshMs: number;
  /** How long ago the list may have begun, in milliseconds: an hour. */
  readonly listAgeMs: number;
}

type IntendVerdict =
  'intended' | 'told' | 'fenced' | 'unseen' | 'fixity' | 'listTooOld' | 'inFlight' | AbandonObstacle;

/** Archives that were ever shown in the conference, or whose conference is unknown, but no told ones without a new file since. */
const MEMBERS = `
WHERE tenant = $1 AND is_member(conference_ids, told_at, platform_status, $2)
ORDER BY archive_id`;
