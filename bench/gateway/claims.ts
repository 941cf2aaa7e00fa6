import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { claimWorkflowId, parseArchiveId, parseTenantId } from '../../src/domain/ids';
import { TENANT } from './installation';

const CLAIMS = "WorkflowType = 'claimArchive'";

/** Waits until so many claims have completed, or nothing completes any more for `stallMs`. @returns how many have */
export async function untilCompleted(client: Client, wanted: number, stallMs: number): Promise<number> {
  return await untilCounted(client, `${CLAIMS} AND ExecutionStatus = 'Completed'`, wanted, stallMs);
}

/** The same for claims that were started. */
export async function untilStarted(client: Client, wanted: number, stallMs: number): Promise<number> {
  return await untilCounted(client, CLAIMS, wanted, stallMs);
}

async function untilCounted(client: Client, query: string, wanted: number, stallMs: number): Promise<number> {
  let best = 0;
  let progressedAt = Date.now();
  for (;;) {
    const count = await countOf(client, query);
    if (count > best) [best, progressedAt] = [count, Date.now()];
    if (best >= wanted || Date.now() > progressedAt + stallMs) return best;
    await pause(1_000);
  }
}

/** Nobody answers while Temporal is stopped, and not at once when it is back. */
async function countOf(client: Client, query: string): Promise<number> {
  try {
    const { count } = await client.withDeadline(Date.now() + 5_000, () => client.workflow.count(query));
    return count;
  } catch {
    return 0;
  }
}

/** When the last of the claims of `archiveIds` was started; `undefined` where one of them was not. */
export async function lastStart(client: Client, archiveIds: readonly string[]): Promise<number | undefined> {
  let last = 0;
  for (const archiveId of archiveIds) {
    const started = await startOf(client, archiveId);
    if (started === undefined) return undefined;
    last = Math.max(last, started);
  }
  return last;
}

async function startOf(client: Client, archiveId: string): Promise<number | undefined> {
  const key = { tenant: parseTenantId(TENANT), archiveId: parseArchiveId(archiveId) };
  try {
    return (await client.workflow.getHandle(claimWorkflowId(key)).describe()).startTime.getTime();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
