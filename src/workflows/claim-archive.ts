import { CancellationScope, isCancellation, setHandler } from '@temporalio/workflow';
import type { ClaimInput, ClaimResult } from '../domain/claim';
import { handlingOf, type FailureType } from '../domain/failures';
import { isArchiveId, isTenantId, type ArchiveKey } from '../domain/ids';
import { Attempt } from './attempt';
import { ClaimStatus } from './claim-status';
import { endWith, failureTypeOf } from './failure-type';
import { announced } from './messages';
import { readClaimPolicy, step } from './policy';
import { Wakeable } from './wakeable';
import { TimeIsOver, within } from './within';

/** How long a claim that needs a person waits before it tries by itself. */
const ATTENTION_PAUSE = '6 hours';

/**
 * Claims one archive: waits until the platform has it, downloads, proves, seals and records it, and only then tells the
 * platform that it may delete its own. The states and what moves between them are in `domain/states.ts`; what each failure
 * leads to is in `domain/failures.ts`.
 *
 * @throws ApplicationFailure of type `InvalidInput`, `ArchiveMissed` or `DeadlineExceeded`; the ledger has it by then
 */
export async function claimArchive(input: ClaimInput): Promise<ClaimResult> {
  const key = checked(input);
  const policy = await readClaimPolicy();
  const status = new ClaimStatus(key, new Date(Date.now() + policy.deadlineMs));
  const waiting = new Wakeable();
  setHandler(announced, () => waiting.wake());
  const attempt = new Attempt(key, policy, status, waiting);
  try {
    return await within(policy.deadlineMs, () => untilDone(key, attempt, status, waiting));
  } catch (error) {
    throw await end(key, status, error);
  }
}

function checked({ tenant, archiveId }: ClaimInput): ArchiveKey {
  if (isTenantId(tenant) && isArchiveId(archiveId)) return { tenant, archiveId };
  throw endWith(
    'InvalidInput',
    'Expected {"tenant": "…", "archiveId": "…"} with identifiers of letters, digits, ".", "_" and "-".',
  );
}

async function untilDone(
  key: ArchiveKey,
  attempt: Attempt,
  status: ClaimStatus,
  waiting: Wakeable,
): Promise<ClaimResult> {
  for (;;) {
    try {
      return await attempt.run();
    } catch (error) {
      const type = failureTypeOf(error);
      if (type === undefined || !needsPerson(type)) throw error;
      await showAttention(key, status, type);
      await waiting.pause(ATTENTION_PAUSE);
    }
  }
}

/** A copy that was thrown away too often is as much a person's business as what was one from the start. */
function needsPerson(type: FailureType): boolean {
  const handling = handlingOf(type);
  return handling === 'attention' || handling === 'downloadAgain';
}

async function showAttention(key: ArchiveKey, status: ClaimStatus, type: FailureType): Promise<void> {
  status.enter('attention', { attention: type });
  const { recordOutcome } = step('recordOutcome', `Needs a person: ${type}`);
  await recordOutcome(key, 'attention', type);
}

/** Records how the claim ended, whatever cut it off, and gives the failure to end with. */
async function end(key: ArchiveKey, status: ClaimStatus, error: unknown): Promise<unknown> {
  const type =
    error instanceof TimeIsOver
      ? 'DeadlineExceeded'
      : isCancellation(error)
        ? 'Cancelled'
        : failureTypeOf(error);
  if (type === undefined) return error;
  const before = status.state;
  const state = type === 'ArchiveMissed' ? 'missed' : 'failed';
  status.enter(state);
  const { recordOutcome } = step('recordOutcome', `Ended: ${type}`);
  await CancellationScope.nonCancellable(() => recordOutcome(key, state, type));
  return type === 'Cancelled' ? error : endWith(type, endingOf(key, type, before));
}

function endingOf({ tenant, archiveId }: ArchiveKey, type: FailureType, before: string): string {
  const name = `Archive ${archiveId} of ${tenant}`;
  return type === 'ArchiveMissed'
    ? `${name} expired on the platform before there was a copy.`
    : `${name} was still ${before} at the claim's deadline.`;
}
