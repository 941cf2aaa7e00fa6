import { WorkflowFailedError } from '@temporalio/client';
import { ArchivistError } from '../../src/domain/failures';
import type { RotationPace } from '../../src/domain/subscriptions';
import type { rotateCallback } from '../../src/workflows';
import { startTimeLapse, type TimeLapse } from './time-lapse';

const HOUR = 3_600_000;

let lapse: TimeLapse;
beforeAll(async () => {
  lapse = await startTimeLapse();
});
afterAll(() => lapse.close());

async function rotate(pace?: Partial<RotationPace>, tenant = 'acme') {
  const handle = await lapse.client.workflow.start<typeof rotateCallback>('rotateCallback', {
    args: [{ tenant, ...(pace && { pace }) }],
    taskQueue: 'archivist',
    workflowId: `rotate:${Math.random()}`,
  });
  const outcome = await handle.result().catch((error: unknown) => error);
  const { startTime, closeTime } = await handle.describe();
  return { outcome, tookMs: (closeTime?.getTime() ?? Infinity) - startTime.getTime() };
}

it('registers and confirms before it waits, and deletes before it retires', async () => {
  lapse.subscriptions.play({});
  const { outcome, tookMs } = await rotate();
  expect(outcome).toEqual({ generation: 2, subscriptionId: 's2', retired: [1] });
  expect(lapse.subscriptions.calls).toEqual([
    'newestGeneration',
    'deleteSuperseded "leftovers"',
    'registerCallback {"after":1,"spreadMs":10000}',
    'confirmCallback {"generation":2,"subscriptionId":"s2"}',
    'deleteSuperseded "older"',
    'retireSecrets {"generations":[1],"forgottenMs":3600000}',
  ]);
  expect(tookMs).toBeGreaterThanOrEqual(HOUR + 60_000);
});

it('keeps the older subscription for as long as it is told to', async () => {
  lapse.subscriptions.play({});
  const { tookMs } = await rotate({ overlapMs: 24 * HOUR });
  expect(tookMs).toBeGreaterThanOrEqual(24 * HOUR);
});

it('waits again for what shows up late', async () => {
  const late = [[3], []];
  lapse.subscriptions.play({ retireSecrets: () => Promise.resolve(late.shift() ?? []) });
  const { outcome } = await rotate();
  expect(outcome).toMatchObject({ retired: [1, 3] });
});

it.each(['registerCallback', 'confirmCallback', 'newestGeneration'] as const)(
  'deletes nothing where %s fails for good',
  async (name) => {
    const failure = new ArchivistError('SubscriptionUnconfirmed', 'Not listed.');
    lapse.subscriptions.play({ [name]: () => Promise.reject(failure) });
    const { outcome } = await rotate();
    expect(outcome).toBeInstanceOf(WorkflowFailedError);
    expect(lapse.subscriptions.calls.filter((call) => call.startsWith(name))).toHaveLength(12);
    expect(lapse.subscriptions.calls.join()).not.toMatch(/older|retire/);
  },
);

it.each([[{ overlapMs: -1 }, 'acme'] as const, [{}, '../x'] as const])(
  'refuses what nobody can mean: %j for %s',
  async (pace, tenant) => {
    lapse.subscriptions.play({});
    const { outcome } = await rotate(pace, tenant);
    expect((outcome as WorkflowFailedError).cause).toMatchObject({ type: 'InvalidInput' });
    expect(lapse.subscriptions.calls).toEqual([]);
  },
);
