import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

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

/** When each claim was started, in milliseconds since 1970, by the server's clock. */
export async function startTimes(client: Client): Promise<number[]> {
  const times: number[] = [];
  for await (const { startTime } of client.workflow.list({ query: CLAIMS })) times.push(startTime.getTime());
  return times;
}
