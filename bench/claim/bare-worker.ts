// The worker of the yardstick, as a process of its own, with the concurrency of a claim worker: bare-worker.ts ADDRESS
import { NativeConnection, Worker } from '@temporalio/worker';
import { BARE_QUEUE } from './bare-queue';

async function main(address: string): Promise<void> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: BARE_QUEUE,
    workflowsPath: require.resolve('./bare-workflow'),
    activities: { noop: () => Promise.resolve() },
    maxCachedWorkflows: 500,
    maxConcurrentActivityTaskExecutions: 100,
  });
  process.once('SIGTERM', () => worker.shutdown());
  await worker.run();
  await connection.close();
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : 'failed'}\n`);
  process.exitCode = 1;
});
