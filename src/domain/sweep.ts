import type { ArchiveFacts } from './claim';
import type { ArchiveKey, TenantId } from './ids';

/** The names under which the workflows are registered; anyone may start them by hand. */
export const SWEEP_COPIES = 'sweepCopies';
export const REPAIR_COPY = 'repairCopy';

/** Milliseconds after which due work of the sweep counts as overdue: then no sweep runs, or it fails. */
export const OVERDUE_MS = 60 * 60_000;

/** The input of `sweepCopies`, as it may be typed by hand. */
export interface SweepInput {
  readonly tenant: string;
  /** What one run of a sweep hands to its next (continue-as-new); never given by hand. */
  readonly carried?: CarriedSweep;
}

/** What one run of a sweep has counted, and the damaged copies whose repairs it has not started. */
export interface CarriedSweep {
  readonly report: SweepTotals;
  readonly damaged: readonly ArchiveKey[];
}

/** The input of `repairCopy`, as it may be typed by hand. */
export interface RepairInput {
  readonly tenant: string;
  readonly archiveId: string;
}

/** The result of reading a stored copy back. `damaged`: it differs from what was secured. */
export type CopyVerdict = 'whole' | 'damaged' | 'missing';

/** The counters of a sweep, at their start. */
export const NOTHING_SWEPT = {
  /** Copies that were read back, and those of them that were whole. */
  rechecked: 0,
  whole: 0,
  /** Deletions that the platform confirmed, and rows that were closed with the evidence. */
  expired: 0,
  closed: 0,
  /** Flights that were settled, and secured archives whose abandon was queued. */
  settled: 0,
  queued: 0,
};

export type SweepCounts = Readonly<typeof NOTHING_SWEPT>;

/** The result of one batch of a sweep. */
export interface SweepBatch extends SweepCounts {
  /** Copies that were found damaged or gone; each is repaired by a workflow of its own. */
  readonly damaged: readonly ArchiveKey[];
  /** Whether more is due already. */
  readonly more: boolean;
}

/** Sums of batches. */
export interface SweepTotals extends SweepCounts {
  readonly damaged: number;
}

/** The result of one sweep. */
export interface SweepReport extends SweepTotals {
  readonly tenant: TenantId;
}

/**
 * The result of the first step of a repair. `lost`: the platform no longer has the file. `claimed`: the claim that is under way
 * repairs it.
 */
export type RepairBeginning =
  | { readonly outcome: 'repair'; readonly facts: ArchiveFacts }
  | { readonly outcome: 'whole' | 'lost' | 'claimed' };

/**
 * The result of `repairCopy`. `lost`: the platform no longer has the file; a person must look for another copy. `claimed`: it is
 * left to the claim.
 */
export interface RepairResult extends ArchiveKey {
  readonly outcome: 'repaired' | 'whole' | 'lost' | 'claimed';
}
