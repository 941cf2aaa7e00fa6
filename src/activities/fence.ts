import { activityInfo } from '@temporalio/activity';
import { DECIDED_FAILURES } from '../domain/claim';
import { failureOf, isFailureType } from '../domain/failures';
import type { ArchiveKey } from '../domain/ids';
import { REPAIR_COPY } from '../domain/sweep';
import type { Fence, Ledger, LedgerEntry, StepTaken } from '../ledger/ledger';

/** The steps of a claim, in their order. A write off the path (attention, or the claim's end) outranks them all. */
export const STEPS = {
  awaitAvailable: 1,
  downloadArchive: 2,
  verifyCopy: 3,
  abandonArchive: 4,
  offThePath: 5,
} as const;

/**
 * The fencing token of the attempt that runs. Temporal schedules no attempt of a closed or reset run, so a later attempt has a
 * later time, whatever was reset, continued as new or started again.
 */
export function fenceOf(step: number): Fence {
  const { currentAttemptScheduledTimestampMs: at, workflowExecution, workflowType, attempt } = activityInfo();
  if (workflowExecution === undefined) throw new TypeError('The activity belongs to no workflow.');
  return { at, runId: workflowExecution.runId, step, attempt, repairs: workflowType === REPAIR_COPY };
}

/** Identifies the order of an activity, in all of its attempts. It never equals an update's id, which a person can choose. */
export function orderId(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `activity/${workflowExecution?.runId}/${activityId}`;
}

/**
 * Takes the archive's row over for a step, and returns the row.
 * @throws ArchivistError `FencedOff`, `LedgerBehind`, or the failure that ended the claim
 */
export async function takeStep(
  ledger: Pick<Ledger, 'takeStep'>,
  key: ArchiveKey,
  fence: Fence,
  state?: 'downloading' | 'verifying',
): Promise<LedgerEntry> {
  const entry = await takeStepOrEnd(ledger, key, fence, state);
  requireOpen(key, entry, fence);
  return entry;
}

/** The same, but also returns the row if the attempt's own run has ended the claim: a lost answer is retried. */
export async function takeStepOrEnd(
  ledger: Pick<Ledger, 'takeStep'>,
  key: ArchiveKey,
  fence: Fence,
  state?: 'downloading' | 'verifying',
): Promise<LedgerEntry> {
  return ownEntry(key, fence, await ledger.takeStep(key, fence, state));
}

/** @throws ArchivistError `FencedOff` or `LedgerBehind`, unless the row was taken over, or the attempt's own run has ended the claim */
export function ownEntry(key: ArchiveKey, fence: Fence, taken: StepTaken): LedgerEntry {
  if (taken.verdict === 'unknown') throw failureOf('LedgerBehind', key);
  if (taken.verdict !== 'taken' && !isOwnEnd(taken.entry, fence)) throw failureOf('FencedOff', key);
  return taken.entry;
}

/**
 * Throws the failure that ended the claim if this run has ended in the ledger, by an order that its workflow has missed. What
 * the platform showed may have ended it, too: the first step handles that.
 */
export function requireOpen(key: ArchiveKey, entry: LedgerEntry, fence: Fence): void {
  if (!isOwnEnd(entry, fence)) return;
  const reason = entry.decided ? DECIDED_FAILURES[entry.decided.decision] : entry.ended?.reason;
  throw failureOf(isFailureType(reason) ? reason : 'LedgerBehind', key);
}

/** @throws ArchivistError `FencedOff` or `LedgerBehind`, unless the statement of a step took effect */
export function requireOwned<Verdict extends string>(
  key: ArchiveKey,
  verdict: Verdict,
): asserts verdict is Exclude<Verdict, 'fenced' | 'unknown'> {
  if (verdict === 'fenced') throw failureOf('FencedOff', key);
  if (verdict === 'unknown') throw failureOf('LedgerBehind', key);
}

/** Whether the attempt's own run has ended the claim. */
export function isOwnEnd({ ended, runId }: LedgerEntry, fence: Fence): boolean {
  return ended !== undefined && runId === fence.runId;
}
