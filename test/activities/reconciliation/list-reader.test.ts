import { Lists, NEVER } from './lists';
import { parseTenantId } from '../../../src/domain/ids';
import { until } from '../../e2e/until';
import { TENANT } from '../activity-site';

let lists: Lists;
beforeAll(async () => {
  lists = await Lists.open();
});
afterAll(() => lists.close());
beforeEach(() => lists.clear());

describe('a list', () => {
  it('is written to the ledger, and then marked as whole', async () => {
    const key = await lists.site.archive();
    await lists.reader().next(TENANT, NEVER);
    expect(await lists.whole()).toEqual([true]);
    expect(await lists.site.ledger.find(key)).toMatchObject({ platformStatus: 'AVAILABLE' });
  });

  it('is read once for all callers that ask before it begins', async () => {
    const shared = lists.reader();
    await Promise.all(Array.from({ length: 20 }, () => shared.next(TENANT, NEVER)));
    expect(await lists.requests()).toBe(1);
  });

  it('is read once more for all callers that ask while it is read', async () => {
    await lists.slow(200, 1);
    const shared = lists.reader();
    const first = shared.next(TENANT, NEVER);
    await lists.begun(1);
    const others = Array.from({ length: 20 }, () => shared.next(TENANT, NEVER));
    const late = await lists.site.archive();
    await first;
    await Promise.all(others);
    expect(await lists.requests()).toBe(2);
    expect(await lists.site.ledger.find(late)).toBeDefined();
  });

  it('is followed by a pause proportional to its duration', async () => {
    await lists.slow(200, 1);
    const shared = lists.reader({ pauseFactor: 3 });
    await shared.next(TENANT, NEVER);
    const ended = performance.now();
    await shared.next(TENANT, NEVER);
    expect(performance.now() - ended).toBeGreaterThan(550);
    expect(performance.now() - ended).toBeLessThan(5_000);
  });

  it('is read for each tenant separately', async () => {
    const other = parseTenantId('other');
    await expect(lists.reader().next(other, NEVER)).rejects.toMatchObject({ type: 'UnknownTenant' });
    expect(await lists.whole()).toEqual([]);
  });

  it('that takes long keeps only a few callers waiting: the others must ask again later', async () => {
    await lists.slow(600, 1);
    const shared = lists.reader({ patienceMs: 100 });
    const asked = await Promise.allSettled(Array.from({ length: 40 }, () => shared.next(TENANT, NEVER)));
    const awaited = {
      status: 'rejected',
      reason: expect.objectContaining({ type: 'ListAwaited' }) as unknown,
    };
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(15);
    expect(asked.filter(({ status }) => status === 'rejected')).toEqual(
      Array.from({ length: 25 }, () => awaited),
    );
    expect(await lists.requests()).toBe(1);
  });

  it('that takes long is read to its end for the longest waiting callers, however many ask later', async () => {
    await lists.slow(600, 1);
    const shared = lists.reader({ patienceMs: 100 });
    const first = shared.next(TENANT, NEVER);
    await lists.begun(1);
    const later = Promise.allSettled(Array.from({ length: 20 }, () => shared.next(TENANT, NEVER)));
    await first;
    expect((await later).filter(({ status }) => status === 'fulfilled')).toHaveLength(14);
    expect(await lists.whole()).toEqual([true, true]);
  });

  it('continues when one of its callers is cancelled, and ends when all are', async () => {
    await lists.slow(400);
    const shared = lists.reader();
    const [one, other] = [new AbortController(), new AbortController()];
    const left = shared.next(TENANT, one.signal);
    const stays = shared.next(TENANT, other.signal);
    await lists.begun(1);
    one.abort(new Error('cancelled'));
    await expect(left).rejects.toThrow('cancelled');
    await stays;
    expect(await lists.requests()).toBe(1);

    const alone = new AbortController();
    const last = shared.next(TENANT, alone.signal);
    await lists.begun(2);
    alone.abort(new Error('cancelled'));
    await expect(last).rejects.toThrow('cancelled');
    await until('it is ended', async () => (await lists.whole())[1] === false);
    expect(await lists.whole()).toEqual([true, false]);
    await lists.site.simulator.clearFaults();
    await shared.next(TENANT, NEVER);
  });
});
