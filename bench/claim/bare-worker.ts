import { NativeConnection, Worker } from '@temporalio/worker';

export const BARE_QUEUE = 'bench-bare';

/** A worker for the yardstick, with the concurrency of a claim worker. */
export async function startBareWorker(address: string): Promise<{ stop(): Promise<void> }> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: BARE_QUEUE,
    workflowsPath: require.resolve('./bare-workflow'),
    activities: { noop: () => Promise.resolve() },
    maxCachedWorkflows: 500,
    maxConcurrentActivityTaskExecutions: 58,
  });
  const stopped = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await stopped;
      await connection.close();
    },
  };
}
