import { reportOf } from './script';
import { eventCountOf, startTimeLapse, type TimeLapse } from './time-lapse';

describe('reconcileTenant', () => {
  let lapse: TimeLapse;
  beforeAll(async () => {
    lapse = await startTimeLapse();
  });
  afterAll(() => lapse.close());

  it('gives the report of its one activity, in eleven events however long the list is', async () => {
    const reconciliation = await lapse.reconcile('acme');
    expect(await reconciliation.result()).toEqual(reportOf('acme'));
    expect(await eventCountOf(reconciliation)).toBe(11);
  });

  it('succeeds with a list that is not whole, and says so', async () => {
    expect(await (await lapse.reconcile('broken')).result()).toMatchObject({
      incomplete: 'PlatformUnavailable',
    });
  });

  it.each([
    ['unknown', 'UnknownTenant'],
    ['../x', 'InvalidInput'],
  ])('fails for the tenant %s, with %s on itself', async (tenant, type) => {
    const reconciliation = await lapse.reconcile(tenant);
    await expect(reconciliation.result()).rejects.toMatchObject({ cause: { type } });
  });
});
