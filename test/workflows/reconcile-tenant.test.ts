import { startInRealTime, type RunningWorkflows } from './running-workflows';
import { failing, REPORT, type Script } from './script';

let count = 0;

describe('a reconciliation', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  async function reconcile(script: Script) {
    const tenant = `tenant-${++count}`;
    site.scripts.set(tenant, script);
    return await site.start('reconcileTenant', `reconcile:${tenant}`, { tenant });
  }

  const callsFor = (tenant: string, step: keyof Script) =>
    site.scripts.callsOf(tenant).filter(({ name }) => name === step).length;

  it('reports what the activity found, and when it checked the deliveries', async () => {
    const started = await reconcile({});
    const { deliveriesSeenAt, ...report } = await started.result();
    expect(report).toEqual(REPORT);
    const { startTime } = await started.describe();
    expect(Date.parse(deliveriesSeenAt ?? '')).toBeGreaterThanOrEqual(startTime.getTime());
  });

  it('does not fail if the deliveries cannot be checked', async () => {
    const started = await reconcile({ lookAtDeliveries: failing('SubscriptionsUnsupported') });
    await expect(started.result()).resolves.toEqual(REPORT);
  });

  it('gives up checking the deliveries after repeated failures, and reconciles all the same', async () => {
    const started = await reconcile({ lookAtDeliveries: failing('PlatformUnavailable', 10) });
    await expect(started.result()).resolves.toEqual(REPORT);
    expect(callsFor(`tenant-${count}`, 'lookAtDeliveries')).toBe(3);
  });

  it('checks the deliveries although there may be no subscription of ours', async () => {
    const started = await reconcile({ lookAtDeliveries: () => Promise.resolve(undefined) });
    await expect(started.result()).resolves.toHaveProperty('deliveriesSeenAt');
  });

  it('ends with the original failure', async () => {
    const started = await reconcile({ reconcileArchives: failing('UnknownTenant') });
    await expect(started.result()).rejects.toMatchObject({
      cause: { type: 'UnknownTenant', message: 'As scripted.' },
    });
  });

  it('gives up after five attempts, because the next reconciliation follows soon', async () => {
    const started = await reconcile({ reconcileArchives: failing('PlatformUnavailable', 10) });
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'PlatformUnavailable' } });
    expect(callsFor(`tenant-${count}`, 'reconcileArchives')).toBe(5);
  });

  it('checks the deliveries only every quarter of an hour if a schedule runs it more often', async () => {
    const tenant = 'scheduled';
    site.scripts.set(tenant, {});
    const schedule = await site.client.schedule.create({
      scheduleId: 'reconcile:scheduled',
      spec: { intervals: [{ every: '1 second' }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'reconcileTenant',
        args: [{ tenant }],
        taskQueue: 'archivist',
      },
    });
    while (callsFor(tenant, 'reconcileArchives') < 4) await site.sleep(100);
    await schedule.delete();
    // A run may have begun before the one before it ended.
    expect(callsFor(tenant, 'lookAtDeliveries')).toBeLessThanOrEqual(2);
  }, 60_000);
});
