import { Lists, NEVER } from './lists';
import { setTimeout as pause } from 'node:timers/promises';
import { TENANT } from '../activity-site';

let lists: Lists;
beforeAll(async () => {
  lists = await Lists.open();
});
afterAll(() => lists.close());
beforeEach(() => lists.clear());

describe('two concurrent readers', () => {
  it('read one after the other', async () => {
    await lists.slow(300, 2);
    const [mine, theirs] = [lists.reader(), lists.reader()];
    const first = mine.next(TENANT, NEVER);
    await lists.begun(1);
    const waiting = theirs.next(TENANT, NEVER);
    await first;
    // The first begins again at once: either of the two may be faster.
    await Promise.all([waiting, mine.next(TENANT, NEVER)]);
    expect(await lists.requests()).toBeLessThanOrEqual(3);
    const spans = await lists.site.database.query(
      'SELECT count(*)::int AS overlaps FROM lists a JOIN lists b ON a.id < b.id AND b.begun_at < a.ended_at',
    );
    expect(spans).toEqual([{ overlaps: 0 }]);
  });

  it('share a list: the second uses one that another process begins while it waits for the lease', async () => {
    const { ledger, database } = lists.site;
    const id = await ledger.beginList(TENANT, 'another process', 60_000);
    let isThrough = false;
    const waiting = lists
      .reader({ pollMs: 20 })
      .next(TENANT, NEVER)
      .then(() => (isThrough = true));
    await pause(200);
    // That one began before the question.
    await ledger.endList(id!, true, { factor: 1_000, longestMs: 60_000 });
    await pause(200);
    expect(isThrough).toBe(false);
    await database.query(`
      INSERT INTO lists (tenant, reader, lease_until, ended_at, whole)
      VALUES ('${TENANT}', 'another process', clock_timestamp() + interval '1 minute', clock_timestamp(), true)`);
    await waiting;
    expect(await lists.requests()).toBe(0);
  });

  it("respect each other's pauses", async () => {
    await lists.slow(200, 1);
    await lists.reader({ pauseFactor: 3 }).next(TENANT, NEVER);
    const ended = performance.now();
    await lists.reader().next(TENANT, NEVER);
    expect(performance.now() - ended).toBeGreaterThan(550);
  });

  it('do not delay a reconciliation by their pauses', async () => {
    await lists.slow(200, 1);
    const shared = lists.reader({ pauseFactor: 100 });
    await shared.next(TENANT, NEVER);
    const ended = performance.now();
    const waiting = shared.next(TENANT, NEVER);
    await expect(shared.read(TENANT, NEVER)).resolves.toMatchObject({ listed: 0 });
    await expect(lists.reader().read(TENANT, NEVER)).resolves.toMatchObject({ listed: 0 });
    await waiting;
    expect(performance.now() - ended).toBeLessThan(10_000);
    expect(await lists.requests()).toBe(3);
  });

  it('wait for a dead reader no longer than its lease', async () => {
    await lists.site.ledger.beginList(TENANT, 'died', 300);
    await lists.reader().next(TENANT, NEVER);
    expect(await lists.requests()).toBe(1);
  });

  it('renew the lease of a list that takes long', async () => {
    await lists.slow(700, 1);
    const long = lists.reader({ leaseMs: 300, renewEveryMs: 50 }).next(TENANT, NEVER);
    await lists.begun(1);
    await Promise.all([long, lists.reader().next(TENANT, NEVER)]);
    expect(await lists.whole()).toEqual([true, true]);
  });

  it('do not count a list as whole if its lease lapsed because its process was stopped', async () => {
    await lists.slow(600, 1);
    const zombie = lists.reader({ leaseMs: 100, renewEveryMs: 60_000 }).next(TENANT, NEVER);
    await lists.begun(1);
    await lists.reader().next(TENANT, NEVER);
    await expect(zombie).rejects.toMatchObject({ type: 'ListIncomplete' });
    expect(await lists.whole()).toEqual([false, true]);
  });

  it('stop reading a list once the lease belongs to another reader', async () => {
    await lists.slow(30_000, 1);
    const zombie = lists.reader({ leaseMs: 50, renewEveryMs: 400 }).next(TENANT, NEVER);
    await lists.begun(1);
    await lists.reader().next(TENANT, NEVER);
    await expect(zombie).rejects.toMatchObject({ type: 'ListIncomplete' });
  });
});
