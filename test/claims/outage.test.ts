import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../src/temporal/connect';
import { createLedger } from '../../src/ledger/ledger';
import { faultyDatabase } from '../gateway/faulty-database';
import { openWire, type Wire } from '../gateway/wire';
import { until } from '../e2e/until';
import { begin, key, keys, startQueuedClaims, type QueuedClaims } from './queued-claims';

/** A ledger and a Temporal behind a wire. */
let claims: QueuedClaims;
let wire: Wire;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  claims = await startQueuedClaims();
  wire = await openWire(Number(claims.temporal.address.split(':')[1]));
  client = createClient({
    connectionOptions: { address: `127.0.0.1:${wire.port}` },
    namespace: claims.temporal.namespace,
  });
});
afterEach(async () => {
  await wire.mend();
  await claims.stopDrainers();
  await claims.emptyQueue();
});
afterAll(async () => {
  await client.connection.close();
  await wire.close();
  await claims.close();
});

describe('while Temporal cannot be reached', () => {
  it('the drainer probes with one row, counts no attempts, and starts all when Temporal is back', async () => {
    await wire.cut();
    const all = keys('down', 200);
    await claims.ledger.enqueueHints(all, 10_000);
    const drainer = claims.drain({ client, spans: { poll: 50, start: 1_500, probe: 200 } });
    await sleep(6_000);
    // The first batch finds out in each of its 16 lanes.
    expect(drainer.count('silent')).toBeGreaterThan(16);
    expect(drainer.count('silent')).toBeLessThan(16 + 10);
    const rows = await Promise.all(all.map((each) => claims.row(each)));
    expect(rows.filter((row) => (row?.attempts ?? 0) > 1)).toEqual([]);
    expect(rows.filter((row) => row?.attempts === 1).length).toBeLessThanOrEqual(1);
    await wire.mend();
    await until('all starts', async () => (await claims.client.workflow.count()).count === all.length);
    await until('the drainer to know', () =>
      Promise.resolve(drainer.count('started') + drainer.count('running') >= all.length),
    );
    await expect(claims.client.workflow.count()).resolves.toMatchObject({ count: all.length });
  });
});

describe('while the responses of Temporal do not arrive', () => {
  it('the drainer starts a claim only once, and its row stays until the claim begins', async () => {
    const drainer = claims.drain({ client, spans: { poll: 50, start: 500, probe: 200, ending: 200 } });
    wire.hold();
    await claims.ledger.enqueueHints([key('unheard')], 1_000);
    await until('the silence', () => Promise.resolve(drainer.count('silent') >= 2));
    await expect(claims.handle(key('unheard')).describe()).resolves.toMatchObject({ historyLength: 2 });
    await wire.mend();
    await until('the answer', () => Promise.resolve(drainer.count('running') >= 1));
    await expect(claims.row(key('unheard'))).resolves.toBeDefined();
    expect(drainer.count('started')).toBe(0);
    await begin(claims.ledger, key('unheard'));
    await expect(claims.row(key('unheard'))).resolves.toBeUndefined();
    await expect(claims.runs(key('unheard'))).resolves.toBe(1);
  });
});

describe('stopping the drainer', () => {
  it('ends the starts in progress, and returns the other rows unchanged', async () => {
    const all = keys('stopped', 100);
    await claims.ledger.enqueueHints(all, 10_000);
    wire.hold();
    const drainer = claims.drain({ client, spans: { start: 1_000 } });
    await until('the lease', async () => (await claims.row(all[99]!))?.attempts === 1);
    const began = performance.now();
    await drainer.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
    const rows = await Promise.all(all.map((each) => claims.row(each)));
    for (const row of rows) {
      expect(row).toMatchObject({ attempts: 0, leasedBy: null });
      expect(row?.dueInMs).toBeLessThanOrEqual(0);
    }
  });
});

describe('while Temporal refuses starts', () => {
  it('the drainer retries rows with growing pauses, and still tries others', async () => {
    const drainer = claims.drain({
      client: createClient({ connectionOptions: { address: claims.temporal.address }, namespace: 'nowhere' }),
      spans: { poll: 20, retry: 200, longestRetry: 1_000 },
    });
    await claims.ledger.enqueueHints([key('refused')], 1_000);
    await sleep(2_500);
    // After 0.2, 0.4, 0.8, 1.0 seconds.
    expect(drainer.count('refused')).toBeGreaterThanOrEqual(3);
    expect(drainer.count('refused')).toBeLessThanOrEqual(5);
    await claims.ledger.enqueueHints([key('refused-too')], 1_000);
    await until('the other', async () => (await claims.row(key('refused-too')))?.attempts === 1);
  });
});

describe('while the ledger fails', () => {
  it('the drainer starts nothing, and continues when the ledger is back', async () => {
    const faulty = faultyDatabase(claims.database);
    faulty.become('failing');
    const drainer = claims.drain({ client, queue: createLedger(faulty), spans: { poll: 50 } });
    await claims.ledger.enqueueHints([key('failing')], 1_000);
    await sleep(300);
    expect(drainer.count('started')).toBe(0);
    faulty.become('well');
    await until('the start', () => Promise.resolve(drainer.count('started') === 1));
  });
});
