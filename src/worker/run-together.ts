import type { Worker } from '@temporalio/worker';

type Runnable = Pick<Worker, 'run' | 'shutdown' | 'getState'>;

/**
 * Runs workers until all have stopped. One that fails stops the others, since half of them would take work up that nobody can finish.
 * @throws what the first one failed with, after all have stopped
 */
export async function runTogether(workers: readonly Runnable[]): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } catch (error) {
        failures.push(error);
      }
      shutDown(workers);
    }),
  );
  if (failures.length > 0) throw failures[0];
}

/** Tells workers that run to stop. */
export function shutDown(workers: readonly Runnable[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}
