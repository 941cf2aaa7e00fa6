import type { RotationWaits } from '../../src/domain/subscriptions';
import { durationOf, startTimeLapse, type RunningWorkflows } from './running-workflows';
import { failing, type Script } from './script';

const HOUR = 3_600_000;
let count = 0;

describe('a rotation', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startTimeLapse()));
  afterAll(() => site.close());

  async function rotate(script: Script, waits?: Partial<RotationWaits>) {
    const tenant = `tenant-${++count}`;
    site.scripts.set(tenant, script);
    return await site.start('rotateCallback', `rotate:${tenant}`, { tenant, ...(waits && { waits }) });
  }

  function callsOfTheLatest(): string[] {
    return site.scripts
      .callsOf(`tenant-${count}`)
      .map(({ name, args }) => [name, ...args.map((arg) => JSON.stringify(arg))].join(' '));
  }

  it('registers and confirms the new subscription, deletes the old one, and then retires its secret', async () => {
    const rotation = await rotate({});
    await expect(rotation.result()).resolves.toEqual({ generation: 2, subscriptionId: 's2', retired: [1] });
    expect(callsOfTheLatest()).toEqual([
      'newestGeneration',
      'deleteSuperseded ',
      'registerCallback {"after":1,"spreadMs":10000}',
      'confirmCallback {"generation":2,"subscriptionId":"s2"}',
      'deleteSuperseded 2',
      'retireSecrets {"fresh":2,"generations":[1],"forgottenMs":3600000}',
    ]);
    expect(await durationOf(rotation)).toBeGreaterThanOrEqual(HOUR + 60_000);
  });

  it('keeps the older subscription for the configured overlap', async () => {
    const rotation = await rotate({}, { overlapMs: 24 * HOUR });
    await rotation.result();
    expect(await durationOf(rotation)).toBeGreaterThanOrEqual(24 * HOUR);
  });

  it('waits a second time for subscriptions that appear late', async () => {
    const late = [[3], []];
    const rotation = await rotate({ retireSecrets: () => Promise.resolve(late.shift() ?? []) });
    await expect(rotation.result()).resolves.toMatchObject({ retired: [1, 3] });
  });

  it.each(['registerCallback', 'confirmCallback', 'newestGeneration'] as const)(
    'deletes nothing if %s fails permanently',
    async (name) => {
      const rotation = await rotate({ [name]: failing('SubscriptionUnconfirmed') });
      await expect(rotation.result()).rejects.toMatchObject({ cause: { type: 'SubscriptionUnconfirmed' } });
      expect(callsOfTheLatest().filter((call) => call.startsWith(name))).toHaveLength(12);
      expect(callsOfTheLatest().join()).not.toMatch(/deleteSuperseded \d|retire/);
    },
  );

  it.each([
    { overlapMs: -1 },
    { drainMs: 'soon' as never },
    { spreadMs: null as never },
    { spreadMs: Number.MAX_VALUE * 2 },
  ])('rejects invalid waits: %j', async (waits) => {
    const rotation = await rotate({}, waits);
    await expect(rotation.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    expect(callsOfTheLatest()).toEqual([]);
  });
});
