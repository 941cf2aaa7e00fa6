import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/until';
import { parseTenantId } from '../../src/domain/ids';
import { enqueue } from '../ledger/archives';
import { begin, completeClaims, key, keys, startQueuedClaims, type QueuedClaims } from './queued-claims';

/** Longer than any test takes. */
const NEVER = 600_000;

let claims: QueuedClaims;
beforeAll(async () => {
  claims = await startQueuedClaims();
});
afterEach(async () => {
  await claims.stopDrainers();
  await claims.emptyQueue();
});
afterAll(() => claims.close());

describe('a row of the queue', () => {
  it('has its claim started at once when the drainer is woken', async () => {
    const drainer = claims.drain({ spans: { poll: NEVER } });
    await sleep(100);
    await claims.ledger.enqueueHints([key('woken')], 1_000);
    const began = performance.now();
    drainer.wake();
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('has its claim started soon even if nobody wakes the drainer', async () => {
    const drainer = claims.drain({ spans: { poll: 200 } });
    await sleep(100);
    await claims.ledger.enqueueHints([key('polled')], 1_000);
    const began = performance.now();
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('stays leased after the start, and is removed when the claim begins', async () => {
    const drainer = claims.drain();
    await claims.ledger.enqueueHints([key('begins')], 1_000);
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    await expect(claims.row(key('begins'))).resolves.toMatchObject({ attempts: 1 });
    expect((await claims.row(key('begins')))?.dueInMs).toBeGreaterThan(30_000);
    await begin(claims.ledger, key('begins'));
    await expect(claims.row(key('begins'))).resolves.toBeUndefined();
  });

  it('has its claim started again after the lease if the start got lost', async () => {
    const drainer = claims.drain({ spans: { poll: 50, lease: 1_000, start: 500 } });
    await claims.ledger.enqueueHints([key('lost')], 1_000);
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    await claims.handle(key('lost')).terminate();
    await until('the second start', () => Promise.resolve(drainer.count('started') === 2));
    await expect(claims.runs(key('lost'), 2)).resolves.toBe(2);
  });

  it('is removed without a start if a person decided against the archive, or nothing is left to claim', async () => {
    await begin(claims.ledger, key('given-up'));
    await claims.ledger.writeOrder(key('given-up'), { kind: 'giveUp', by: 'erika' });
    await enqueue(claims.database, [key('given-up')], 'list');
    const drainer = claims.drain();
    await until('the row to go', async () => (await claims.rows()) === 0);
    expect(drainer.count('dropped')).toBe(1);
    await expect(claims.handle(key('given-up')).describe()).rejects.toThrow();
  });

  it('is removed if its claim is running, which is woken if it waits', async () => {
    const drainer = claims.drain({ spans: { poll: 50 } });
    await claims.ledger.enqueueHints([key('waits')], 1_000);
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    await begin(claims.ledger, key('waits'));
    await claims.ledger.enqueueHints([key('waits')], 1_000);
    await until('the row to go', async () => (await claims.rows()) === 0);
    expect(drainer.count('running')).toBe(1);
    await expect(claims.signals(key('waits'))).resolves.toBe(1);
  });

  it('is retried shortly after if its claim is just ending, and then starts another claim', async () => {
    const own = await startQueuedClaims();
    const drainer = own.drain({ spans: { poll: 50, ending: 500 } });
    await own.ledger.enqueueHints([key('ending')], 1_000);
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    // The claim has ended in the ledger and not yet in Temporal when the reason to wait is removed.
    const fence = await begin(own.ledger, key('ending'));
    await own.ledger.endClaim(key('ending'), fence, { reason: 'notSecured' });
    await enqueue(own.database, [key('ending')], 'retry');
    await until('it to meet the claim', () => Promise.resolve(drainer.count('running') === 1));
    await completeClaims(own.temporal, 1);
    await until('the second start', () => Promise.resolve(drainer.count('started') === 2));
    await own.close();
  });

  it('of a tenant that is not configured is left unchanged', async () => {
    const drainer = claims.drain({ spans: { poll: 50 } });
    await claims.ledger.enqueueHints([key('stays', 'other'), key('goes')], 1_000);
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    await sleep(300);
    await expect(claims.row(key('stays', 'other'))).resolves.toMatchObject({ attempts: 0, leasedBy: null });
    expect(drainer.count('started')).toBe(1);
  });

  it('of a busy tenant does not delay those of another one', async () => {
    await claims.ledger.enqueueHints(keys('flood', 1_000), 10_000);
    await claims.ledger.enqueueHints(keys('quiet', 5, 'quiet'), 1_000);
    const drainer = claims.drain({ tenants: [parseTenantId('acme'), parseTenantId('quiet')] });
    await until('all of the quiet tenant', async () => {
      const leased = await Promise.all(keys('quiet', 5, 'quiet').map((each) => claims.row(each)));
      return leased.every((row) => row?.attempts === 1);
    });
    expect(drainer.count('started')).toBeLessThan(500);
  });
});

describe('rows whose claims do not begin', () => {
  it('are checked with growing pauses, and are not started twice', async () => {
    const drainer = claims.drain({
      spans: { poll: 20, lease: 400, start: 300, ending: 50, retry: 400, longestRetry: NEVER },
    });
    await claims.ledger.enqueueHints([key('no-worker')], 1_000);
    await sleep(4_000);
    expect(drainer.count('started')).toBe(1);
    // 0.4 s after the lease, then after 0.4, 0.8, 1.6 and 3.2 s more.
    expect(drainer.count('running')).toBeGreaterThanOrEqual(2);
    expect(drainer.count('running')).toBeLessThanOrEqual(5);
    await expect(claims.runs(key('no-worker'))).resolves.toBe(1);
  });
});

describe('several drainers', () => {
  it('each start their own rows, and none twice', async () => {
    const all = keys('shared', 300);
    await claims.ledger.enqueueHints(all, 10_000);
    const drainers = Array.from({ length: 3 }, () => claims.drain());
    const sum = (outcome: 'started' | 'running') =>
      drainers.reduce((total, drainer) => total + drainer.count(outcome), 0);
    await until('all starts', () => Promise.resolve(sum('started') + sum('running') >= all.length));
    expect({ started: sum('started'), running: sum('running') }).toEqual({ started: 300, running: 0 });
  });
});

describe('a drainer that stalled beyond its lease', () => {
  it('starts nothing, and leaves the rows to their new owner', async () => {
    const rows = keys('slept', 3);
    await claims.ledger.enqueueHints(rows, 1_000);
    let isAwake = false;
    const sleeper = claims.drain({
      spans: { poll: 50, lease: 1_000, start: 500 },
      queue: {
        ...claims.ledger,
        // The process is stopped between the statement and its answer.
        async lease(bounds) {
          const leased = isAwake ? [] : await claims.ledger.lease(bounds);
          await until('it to be continued', () => Promise.resolve(isAwake));
          return leased;
        },
      },
    });
    await sleep(1_200);
    const other = claims.drain({ spans: { poll: 50 } });
    await until('the other to start them', () => Promise.resolve(other.count('started') === 3));
    const before = await Promise.all(rows.map((each) => claims.row(each)));
    isAwake = true;
    await sleep(300);
    expect(sleeper.count('started') + sleeper.count('running')).toBe(0);
    const after = await Promise.all(rows.map((each) => claims.row(each)));
    const ofLease = (row: (typeof after)[number]) => ({ attempts: row?.attempts, leasedBy: row?.leasedBy });
    expect(after.map(ofLease)).toEqual(before.map(ofLease));
    await claims.stopDrainers();
  });
});

describe('a row that is queued again while it is leased', () => {
  it('counts as news for the drainer', async () => {
    const drainer = claims.drain({ spans: { poll: 50 } });
    await claims.ledger.enqueueHints([key('anew')], 1_000);
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
    await enqueue(claims.database, [key('anew')], 'order');
    await until('it to be looked at', () => Promise.resolve(drainer.count('running') === 1));
    await expect(claims.row(key('anew'))).resolves.toMatchObject({ attempts: 2 });
  });
});
