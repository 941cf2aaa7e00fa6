import { proxyActivities } from '@temporalio/workflow';

const { noop } = proxyActivities<{ noop(): Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** The yardstick: as many activities as a claim schedules, one after the other, that do nothing. */
export async function bare(activities: number): Promise<void> {
  for (let i = 0; i < activities; i += 1) await noop();
}
