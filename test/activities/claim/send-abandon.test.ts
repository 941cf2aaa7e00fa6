import { abandonArchive } from '../../../src/activities/claim/abandon-archive';
import type { AbandonTimes } from '../../../src/activities/dependencies';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { AbandonRequest } from '../../../src/platform/abandon';
import type { PlatformOf } from '../../../src/platform/create-platform';
import type { FaultRule } from '../../../src/simulator';
import { activityEnvironment } from '../../support/activity-environment';
import { openActivitySite, requestsTo, secure, type ActivitySite } from '../activity-site';

const SHORT: Partial<AbandonTimes> = { leaseMs: 1_000, answerMs: 200 };

describe('the abandon request', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => site.simulator.clearFaults());
  afterAll(() => site.close());

  const abandonsOf = (key: ArchiveKey) => requestsTo(site.simulator, 'abandon', key);

  async function attempt(
    key: ArchiveKey,
    { platformOf = site.platformOf, times = SHORT, environment = activityEnvironment() } = {},
  ) {
    return await environment.run(() => abandonArchive({ ...site, platformOf, abandonTimes: times }, key));
  }

  /** The platform, but `change` stands between an abandon and its connection. */
  function withRequest(change: (request: AbandonRequest) => Partial<AbandonRequest>): PlatformOf {
    return (tenant) => {
      const platform = site.platformOf(tenant);
      return {
        ...platform,
        openAbandon: async (...args) => {
          const request = await platform.openAbandon(...args);
          return { ...request, ...change(request) };
        },
      };
    };
  }

  async function flightsOf(key: ArchiveKey): Promise<{ over_at: Date | null; outcome: string | null }[]> {
    const rows = await site.database.query(
      'SELECT over_at, outcome FROM abandons WHERE members @> ARRAY[$1::text] ORDER BY begun_at',
      [key.archiveId],
    );
    return rows as never;
  }

  async function secured(): Promise<ArchiveKey> {
    const key = await site.archive();
    await secure(site, key);
    return key;
  }

  it('is recorded in the ledger before it is sent, and stays open because its end is unknown', async () => {
    const key = await secured();
    await expect(attempt(key)).resolves.toEqual({ outcome: 'abandoned' });
    expect(await flightsOf(key)).toEqual([{ over_at: null, outcome: null }]);
  });

  it.each([
    { fault: 'noAnswer', endpoint: 'abandon', afterEffect: true },
    { fault: 'hangUp', endpoint: 'abandon', afterEffect: true },
    { fault: 'status', endpoint: 'abandon', statusCode: 500, afterEffect: true },
    { fault: 'status', endpoint: 'abandon', statusCode: 408, afterEffect: true },
  ] satisfies FaultRule[])(
    'took effect if the record shows it, whatever the answer: $fault $statusCode',
    async (rule) => {
      const key = await secured();
      await site.simulator.setFaults([rule]);
      await expect(attempt(key)).resolves.toEqual({ outcome: 'abandoned' });
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
      expect(await flightsOf(key)).toHaveLength(1);
    },
  );

  it.each([
    { fault: 'noEffect' },
    { fault: 'status', endpoint: 'abandon', statusCode: 503 },
    { fault: 'hangUp', endpoint: 'abandon' },
  ] satisfies FaultRule[])('decides nothing if the record does not show it: $fault', async (rule) => {
    const key = await secured();
    await site.simulator.setFaults([rule]);
    await expect(attempt(key)).rejects.toMatchObject({ type: 'AbandonUnconfirmed' });
    expect(await flightsOf(key)).toEqual([{ over_at: null, outcome: null }]);
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'secured' });
    await site.simulator.clearFaults();
    await expect(attempt(key)).resolves.toEqual({ outcome: 'abandoned' });
    expect(await flightsOf(key)).toHaveLength(2);
  });

  it.each([400, 409, 422, 429])(
    'can have no effect once the platform refused it (%i)',
    async (statusCode) => {
      const key = await secured();
      await site.simulator.setFaults([{ fault: 'status', endpoint: 'abandon', statusCode }]);
      await expect(attempt(key)).rejects.toMatchObject({ type: 'AbandonUnconfirmed' });
      expect(await flightsOf(key)).toEqual([{ over_at: expect.any(Date) as Date, outcome: 'refused' }]);
    },
  );

  it('waits for a better API key if the platform refuses this one', async () => {
    const key = await secured();
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'abandon', statusCode: 403 }]);
    await expect(attempt(key)).rejects.toMatchObject({ type: 'CredentialsRejected' });
    expect(await flightsOf(key)).toMatchObject([{ outcome: 'refused' }]);
  });

  it('is not sent after its lease has ended, and is then recorded as unsent', async () => {
    const key = await secured();
    const platformOf = withRequest((request) => ({
      send: async (mayBeSent) => {
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        return await request.send(mayBeSent);
      },
    }));
    await expect(
      attempt(key, { platformOf, times: { leaseMs: 1_000, answerMs: 5_000 } }),
    ).rejects.toMatchObject({
      type: 'AbandonUnconfirmed',
    });
    expect(await flightsOf(key)).toMatchObject([{ outcome: 'unsent' }]);
    expect(await abandonsOf(key)).toBe(0);
  });

  it('is not sent if its connection is gone, and no other connection is opened', async () => {
    const key = await secured();
    const platformOf = withRequest((request) => ({
      send: (mayBeSent) => {
        request.close();
        return request.send(mayBeSent);
      },
    }));
    await expect(attempt(key, { platformOf })).rejects.toMatchObject({ type: 'AbandonUnconfirmed' });
    expect(await flightsOf(key)).toMatchObject([{ outcome: 'unsent' }]);
    expect(await abandonsOf(key)).toBe(0);
  });

  it('is neither cancelled nor forgotten when its activity is cancelled', async () => {
    const key = await secured();
    await site.simulator.setFaults([{ fault: 'slowHeaders', endpoint: 'abandon', ms: 700 }]);
    const environment = activityEnvironment();
    const platformOf = withRequest((request) => ({
      send: (mayBeSent) => {
        environment.cancel();
        return request.send(mayBeSent);
      },
    }));
    await expect(attempt(key, { platformOf, environment, times: {} })).resolves.toEqual({
      outcome: 'abandoned',
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
  });

  it('makes another attempt wait while its lease runs', async () => {
    const key = await secured();
    await site.simulator.setFaults([{ fault: 'noEffect', times: 1 }]);
    await expect(attempt(key)).rejects.toMatchObject({ type: 'AbandonUnconfirmed' });
    await expect(attempt(key, { times: {} })).rejects.toMatchObject({ type: 'AbandonInFlight' });
    expect(await abandonsOf(key)).toBe(1);
  });

  it('is recorded as told for every archive of the conference whose record shows it', async () => {
    const conferenceId = 'all-are-told';
    const keys = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    for (const key of keys) await secure(site, key);
    await attempt(keys[0]!);
    for (const key of keys)
      await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned', ended: {} });
  });

  it('has outdated fixity checks repeated first, for every archive of the conference', async () => {
    const conferenceId = 'long-secured';
    const keys = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    for (const key of keys) await secure(site, key);
    await site.database.query("UPDATE archives SET fixity_at = fixity_at - interval '25 hours'", []);
    await expect(attempt(keys[0]!)).resolves.toEqual({ outcome: 'abandoned' });
    for (const key of keys) {
      const { fixity } = (await site.ledger.find(key)) ?? {};
      expect(Date.now() - Number(fixity?.at)).toBeLessThan(60_000);
    }
  });

  it('is judged by the clock of the database, whatever the clock of the worker shows', async () => {
    const key = await secured();
    await site.database.query(
      "UPDATE archives SET fixity_at = fixity_at - interval '1 minute' WHERE archive_id = $1",
      [key.archiveId],
    );
    const now = jest
      .spyOn(Date, 'now')
      .mockImplementation(() => performance.timeOrigin + performance.now() - 3_600_000);
    await expect(attempt(key, { times: { fixityFreshMs: 30_000 } })).resolves.toEqual({
      outcome: 'abandoned',
    });
    now.mockRestore();
  });
});
