import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { ANNOUNCED, CLAIM_ARCHIVE, type ClaimInput } from '../domain/claim';
import { errorCode } from '../domain/error-code';
import { claimWorkflowId, type ArchiveKey } from '../domain/ids';
import { searchAttributesOf } from '../domain/search-attributes';
import { TASK_QUEUES } from '../domain/task-queues';
import type { LeasedRow } from '../ledger/sql/queue';
import { grpcErrorIn, isSilence } from '../temporal/connect';

/**
 * The outcome of a start.
 *
 * - `started`: Temporal has a new run of the claim
 * - `running`: Temporal has the claim already; it was woken if it waits
 * - `silent`: Temporal did not answer in time; nobody knows whether it has the claim
 * - `refused`: Temporal answered with an error
 * - `dropped`: nothing is left to claim, or a person decided against it; a claim that waits nevertheless was woken
 */
export type StartOutcome = 'started' | 'running' | 'silent' | 'refused' | 'dropped';

export interface StartOptions {
  /** Milliseconds from the start of the claim to its deadline. */
  readonly deadlineMs: number;
  /** Milliseconds that Temporal may take, all calls together. */
  readonly timeoutMs: number;
  /** Called with the reason if Temporal was silent or refused: a code, never the text of an error. */
  readonly onFailure?: (code: string | number) => void;
}

/**
 * Starts the claim of an archive, once: the workflow id is the lock. A running claim is signalled to look again if it waits,
 * according to the ledger, or if a person ordered it. Never starts what is settled. Processes may call it concurrently, and again
 * after any failure. Never rejects.
 */
export async function startOrWake(
  client: Client,
  row: LeasedRow,
  { deadlineMs, timeoutMs, onFailure }: StartOptions,
): Promise<StartOutcome> {
  const isSettled = row.known?.settled === true;
  if (isSettled && row.origin !== 'order') return 'dropped';
  try {
    return await client.withDeadline(Date.now() + timeoutMs, async () => {
      if (isSettled) {
        await announce(client, row);
        return 'dropped';
      }
      if (await start(client, row, deadlineMs)) return 'started';
      if (!isWaiting(row) || (await announce(client, row))) return 'running';
      // The claim ended between the two calls.
      return (await start(client, row, deadlineMs)) ? 'started' : 'running';
    });
  } catch (error) {
    onFailure?.(grpcErrorIn(error)?.code ?? errorCode(error));
    return isSilence(error) ? 'silent' : 'refused';
  }
}

/** Signals a claim to look again at once: at the platform, and at the orders in the ledger. @returns whether it runs */
export async function announce(client: Client, key: ArchiveKey): Promise<boolean> {
  try {
    await client.workflow.getHandle(claimWorkflowId(key)).signal(ANNOUNCED);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** @returns whether it was started; `false` if Temporal has it already */
async function start(client: Client, row: LeasedRow, deadlineMs: number): Promise<boolean> {
  const { tenant, archiveId } = row;
  const input: ClaimInput = { tenant, archiveId, deadlineMs };
  const deadline = new Date(Date.now() + deadlineMs);
  try {
    await client.workflow.start(CLAIM_ARCHIVE, {
      args: [input],
      taskQueue: TASK_QUEUES.claims,
      workflowId: claimWorkflowId(row),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: isFirstHint(row) ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'ALLOW_DUPLICATE',
      typedSearchAttributes: searchAttributesOf({ tenant, archiveId, state: 'announced', deadline }),
      staticSummary: `Claim archive ${archiveId} of ${tenant}`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/**
 * Whether Temporal may refuse the start because this claim completed before: the ledger does not know it, and a claim that
 * just completed may have come after that look-up. If the ledger lost it (a restored backup), the next start is not the first.
 */
function isFirstHint({ origin, attempts, known }: LeasedRow): boolean {
  return origin === 'hint' && attempts <= 1 && known === undefined;
}

/**
 * A claim that needs a person before it could begin is not under way in the ledger, and perhaps not even known there. A person's
 * order wakes it, and so does the second lease of a row that was queued while it ran: at the first, it may just have been started,
 * or be ending. Once only, because each signal stays in the history.
 */
function isWaiting({ origin, attempts, known }: LeasedRow): boolean {
  if (origin === 'order') return true;
  if (known === undefined) return attempts === 2;
  return known.attention || (known.underWay && known.state === 'waiting');
}
