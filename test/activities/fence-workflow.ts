// A workflow of two steps, whose first one fails once; it gives the fences of all attempts that succeeded.
import { proxyActivities } from '@temporalio/workflow';
import type { Fence } from '../../src/ledger/ledger';

interface Steps {
  fence(step: number): Promise<Fence>;
}

const { fence } = proxyActivities<Steps>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: 10, maximumInterval: 10 },
});

export async function twoSteps(): Promise<Fence[]> {
  return [await fence(1), await fence(2)];
}
