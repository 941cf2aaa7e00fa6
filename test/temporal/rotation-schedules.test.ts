import { Client, Connection } from '@temporalio/client';
import { parseTenantId } from '../../src/domain/ids';
import type { DevServer } from '../../src/embedded/temporal-dev-server';
import { tendRotationSchedules } from '../../src/temporal/rotation-schedules';
import { startTemporal } from '../support/temporal';

const TENANTS = ['acme', 'other'].map(parseTenantId);
const DAY = 24 * 3_600_000;

let temporal: DevServer;
let client: Client;
beforeAll(async () => {
  temporal = await startTemporal();
  client = new Client({ connection: Connection.lazy({ address: temporal.address }) });
});
afterAll(async () => {
  await client.connection.close();
  await temporal.close();
});

async function described(id: string) {
  const { spec, action, policies, state } = await client.schedule.getHandle(id).describe();
  return { every: spec.intervals?.[0]?.every, action, overlap: policies.overlap, paused: state.paused };
}

it('has the deliveries of every tenant looked at, and no rotation where none is configured', async () => {
  await tendRotationSchedules(client, TENANTS, undefined);
  await tendRotationSchedules(client, TENANTS, undefined);
  for (const tenant of TENANTS) {
    expect(await described(`deliveries:${tenant}`)).toMatchObject({
      every: 15 * 60_000,
      action: { workflowType: 'watchDeliveries', args: [{ tenant }], taskQueue: 'archivist' },
      overlap: 'SKIP',
    });
    await expect(described(`rotate:${tenant}`)).rejects.toThrow();
  }
});

it('makes, changes and removes the rotation as the configuration says, and leaves one that is paused so', async () => {
  const rotation = { every: 30 * DAY, overlap: DAY };
  await tendRotationSchedules(client, TENANTS, rotation);
  expect(await described('rotate:acme')).toMatchObject({
    every: 30 * DAY,
    action: {
      workflowType: 'rotateCallback',
      workflowId: 'rotate:acme',
      args: [{ tenant: 'acme', pace: { overlapMs: DAY } }],
    },
  });
  await client.schedule.getHandle('rotate:acme').pause();
  await tendRotationSchedules(client, TENANTS, { ...rotation, every: 7 * DAY });
  expect(await described('rotate:acme')).toMatchObject({ every: 7 * DAY, paused: true });
  expect(await described('rotate:other')).toMatchObject({ every: 7 * DAY, paused: false });
  await tendRotationSchedules(client, TENANTS, undefined);
  await expect(described('rotate:acme')).rejects.toThrow();
});
