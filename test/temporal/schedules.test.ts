import type { Client } from '@temporalio/client';
import { parseConfig } from '../../src/config/load-config';
import { keepSchedules as keepSchedulesWithin } from '../../src/temporal/schedules';
import { until } from '../e2e/until';
import { testTemporal, type TestTemporal } from '../support/temporal';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const keepSchedules = (client: Client, terms: ReturnType<typeof configured>) =>
  keepSchedulesWithin(client, terms, MINUTE);

function configured(tenants: readonly string[], rest: object = {}) {
  const tenant = { baseUrl: 'https://acme.live.flexperto.com', apiKey: 'a-key' };
  const written = { tenants: Object.fromEntries(tenants.map((name) => [name, tenant])), ...rest };
  return parseConfig(JSON.stringify(written), '/srv/archivist.yaml', {});
}

describe('the schedules', () => {
  let temporal: TestTemporal;
  let client: Client;
  beforeAll(async () => {
    temporal = await testTemporal();
    ({ client } = temporal);
  });
  afterAll(() => temporal.close());

  const described = (id: string) => client.schedule.getHandle(id).describe();

  async function ids(): Promise<string[]> {
    const found: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) found.push(scheduleId);
    return found.sort();
  }

  it('include a reconciliation and a sweep for each tenant', async () => {
    await keepSchedules(client, configured(['acme', 'other']));
    const { spec, policies, action } = await described('reconcile:acme');
    expect(spec).toMatchObject({ intervals: [{ every: 5 * MINUTE }], jitter: 30_000 });
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 5 * MINUTE });
    expect(action).toMatchObject({ workflowType: 'reconcileTenant', args: [{ tenant: 'acme' }] });
    const sweep = await described('sweep:acme');
    expect(sweep.spec).toMatchObject({ intervals: [{ every: 5 * MINUTE }] });
    expect(sweep.policies).toMatchObject({ overlap: 'SKIP' });
    expect(sweep.action).toMatchObject({ workflowType: 'sweepCopies', args: [{ tenant: 'acme' }] });
    await expect(described('reconcile:other')).resolves.toBeDefined();
    await expect(described('rotate:acme')).rejects.toThrow();
  });

  it('follow the configuration, and stay paused if a person paused them', async () => {
    await client.schedule.getHandle('reconcile:acme').pause('Jane, until Monday');
    const callbackRotation = { every: '30 days', overlap: '2 hours' };
    await keepSchedules(
      client,
      configured(['acme', 'other'], {
        reconcile: { every: '2 minutes' },
        sweep: { every: '1 hour' },
        callbackRotation,
      }),
    );
    expect((await described('sweep:acme')).spec.intervals).toMatchObject([{ every: 60 * MINUTE }]);
    const { spec, state, memo } = await described('reconcile:acme');
    expect(spec.intervals).toMatchObject([{ every: 2 * MINUTE }]);
    expect(state).toMatchObject({ paused: true, note: 'Jane, until Monday' });
    expect(memo).toEqual({ madeBy: 'archivist' });
    const rotation = await described('rotate:acme');
    expect(rotation.spec).toMatchObject({ intervals: [{ every: 30 * DAY }] });
    expect(rotation.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 7 * DAY });
    expect(rotation.action).toMatchObject({
      workflowType: 'rotateCallback',
      args: [{ tenant: 'acme', waits: { overlapMs: 120 * MINUTE } }],
    });
  });

  it('are deleted if they are no longer configured, except those of others', async () => {
    await client.schedule.create({
      scheduleId: 'reconcile:of-somebody-else',
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' },
    });
    // What is listed follows a little later.
    await until('all are listed', async () => (await ids()).length === 7);
    await keepSchedules(client, configured(['acme']));
    await until('they are gone', async () => (await ids()).length === 3);
    expect(await ids()).toEqual(['reconcile:acme', 'reconcile:of-somebody-else', 'sweep:acme']);
  });

  it('may have an interval of one second', async () => {
    await keepSchedules(client, configured(['acme'], { reconcile: { every: '1 second' } }));
    expect((await described('reconcile:acme')).policies.catchupWindow).toBe(10_000);
  });
});
