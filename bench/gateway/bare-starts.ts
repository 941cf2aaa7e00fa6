import type { Client } from '@temporalio/client';

/** Starts that are under way at a time: the faster of these counts. */
const AT_ONCE = [16, 64];

/** How many workflows a second a client starts that does nothing else: no search attributes, no queue, no ledger. */
export async function bareStarts(client: Client, count: number): Promise<number> {
  let best = 0;
  for (const atOnce of AT_ONCE) {
    const each = Math.ceil(count / AT_ONCE.length);
    const ids = Array.from({ length: each }, (_, index) => `bare-${atOnce}-${index}`).values();
    const lane = async (): Promise<void> => {
      for (const workflowId of ids)
        await client.workflow.start('bare', { workflowId, taskQueue: 'nobody', args: [] });
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: atOnce }, lane));
    best = Math.max(best, (each * 1_000) / (performance.now() - began));
  }
  return best;
}
