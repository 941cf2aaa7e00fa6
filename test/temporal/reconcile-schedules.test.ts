import { Client, Connection } from '@temporalio/client';
import { parseTenantId } from '../../src/domain/ids';
import type { DevServer } from '../../src/embedded/temporal-dev-server';
import { keepReconcileSchedules } from '../../src/temporal/reconcile-schedules';
import { until } from '../e2e/until';
import { startTemporal } from '../support/temporal';

const [ACME, OTHER] = [parseTenantId('acme'), parseTenantId('other')];
const MINUTE = 60_000;

describe('the schedules of reconciliation', () => {
  let temporal: DevServer;
  let client: Client;
  beforeAll(async () => {
    temporal = await startTemporal();
    client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  });
  afterAll(async () => {
    await client.connection.close();
    await temporal.close();
  });

  const described = (id: string) => client.schedule.getHandle(id).describe();

  async function ids(): Promise<string[]> {
    const found: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) found.push(scheduleId);
    return found.sort();
  }

  it('are one for each tenant, which skip a run while one is under way', async () => {
    await keepReconcileSchedules(client, [ACME, OTHER], 5 * MINUTE);
    const { spec, policies, action } = await described('reconcile:acme');
    expect(spec).toMatchObject({ intervals: [{ every: 5 * MINUTE }], jitter: 30_000 });
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 5 * MINUTE });
    expect(action).toMatchObject({ workflowType: 'reconcileTenant', args: [{ tenant: 'acme' }] });
    await expect(described('reconcile:other')).resolves.toBeDefined();
  });

  it('follow the configuration, and stay paused where a person paused them', async () => {
    await client.schedule.getHandle('reconcile:acme').pause('Jane, until Monday');
    await keepReconcileSchedules(client, [ACME, OTHER], 2 * MINUTE);
    const { spec, state, memo } = await described('reconcile:acme');
    expect(spec.intervals).toMatchObject([{ every: 2 * MINUTE }]);
    expect(state).toMatchObject({ paused: true, note: 'Jane, until Monday' });
    expect(memo).toEqual({ madeBy: 'archivist' });
  });

  it('are gone for tenants that are no longer configured; what others made stays', async () => {
    await client.schedule.create({
      scheduleId: 'reconcile:of-somebody-else',
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' },
    });
    // What is listed follows a little later.
    await until('all are listed', async () => (await ids()).length === 3);
    await keepReconcileSchedules(client, [ACME], 2 * MINUTE);
    await until('one is gone', async () => (await ids()).length === 2);
    expect(await ids()).toEqual(['reconcile:acme', 'reconcile:of-somebody-else']);
  });

  it('may be as short as a second', async () => {
    await keepReconcileSchedules(client, [ACME], 1_000);
    expect((await described('reconcile:acme')).policies.catchupWindow).toBe(10_000);
  });
});
