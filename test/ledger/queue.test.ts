import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import type { LeasedRow } from '../../src/ledger/sql/queue';
import { withDatabase } from '../support/postgres';
import { begin, enqueue, fence, newKey, newTenant, readWholeList } from './archives';

const LEASE_MS = 60_000;

withDatabase((database) => {
  let ledger: Ledger;
  let leases = 0;
  beforeEach(async () => {
    ledger = createLedger(database());
    await database().query('DELETE FROM queue');
  });

  const keysOf = (count: number, tenant = newTenant()) => Array.from({ length: count }, () => newKey(tenant));
  const ids = (rows: readonly ArchiveKey[]) => rows.map(({ archiveId }) => archiveId).sort();
  const lease = (
    tenants: readonly ArchiveKey[],
    limit = 100,
    leaseMs = LEASE_MS,
    leasedBy = `lease-${(leases += 1)}`,
  ) => ledger.lease({ tenants: [...new Set(tenants.map(({ tenant }) => tenant))], limit, leaseMs, leasedBy });
  const order = (key: ArchiveKey) => ledger.writeOrder(key, { kind: 'claim', by: 'alice' }, begin().record);
  const makeDue = (by: string) => database().query(`UPDATE queue SET due_at = due_at - $1::interval`, [by]);

  it('the queue keeps one row for each archive, however often it is queued, until its claim begins', async () => {
    const [key] = keysOf(1) as [ArchiveKey];
    await Promise.all(Array.from({ length: 10 }, () => ledger.enqueueHints([key, key], 5_000)));
    await order(key);
    expect(await ledger.measureQueue()).toMatchObject({ entries: 1 });
    await ledger.beginClaim(key, fence(1), begin());
    expect(await ledger.measureQueue()).toEqual({ entries: 0, oldestSeconds: 0 });
  });

  it('the queue leases a row to nobody else before the lease ends, and counts the leases', async () => {
    const keys = keysOf(1);
    await ledger.enqueueHints(keys, 5_000);
    expect(await lease(keys)).toMatchObject([{ ...keys[0], origin: 'hint', attempts: 1 }]);
    expect(await lease(keys)).toEqual([]);
    await makeDue('1 minute');
    expect(await lease(keys)).toMatchObject([{ attempts: 2 }]);
  });

  it('the queue leases lists, orders and retries before hints, the longest due first', async () => {
    const [first, second, hint, order, retry, later] = keysOf(6) as [
      ArchiveKey,
      ArchiveKey,
      ArchiveKey,
      ArchiveKey,
      ArchiveKey,
      ArchiveKey,
    ];
    await ledger.enqueueHints([hint], 5_000);
    await makeDue('1 hour');
    for (const [key, origin] of [
      [first, 'list'],
      [second, 'list'],
      [order, 'order'],
      [retry, 'retry'],
    ] as const) {
      await enqueue(database(), [key], origin);
    }
    await ledger.enqueueHints([later], 5_000);
    const leased: LeasedRow[] = [];
    for (let turn = 0; turn < 3; turn++) leased.push(...(await lease([first], 2)));
    expect(leased.map(({ archiveId }) => archiveId)).toEqual(
      [first, second, order, retry, hint, later].map(({ archiveId }) => archiveId),
    );
  });

  it('the queue gives each tenant its share, however many rows another one has', async () => {
    const flood = keysOf(500);
    const quiet = [keysOf(3), keysOf(3)];
    await ledger.enqueueHints(flood, 5_000);
    await makeDue('1 hour');
    for (const keys of quiet) await ledger.enqueueHints(keys, 5_000);
    const leased = await lease([...flood, ...quiet.flat()], 9);
    expect(ids(leased.filter(({ tenant }) => tenant !== flood[0]?.tenant))).toEqual(ids(quiet.flat()));
    expect(leased).toHaveLength(9);
  });

  it('the queue starves no tenant even if a lease takes fewer rows than there are tenants', async () => {
    const flood = keysOf(200);
    const [quiet] = keysOf(1) as [ArchiveKey];
    await ledger.enqueueHints([...flood, quiet], 5_000);
    for (let turn = 0; turn < 100; turn++) {
      const [row] = await lease([...flood, quiet], 1);
      if (row?.archiveId === quiet.archiveId) return;
    }
    throw new Error('100 turns went to one of two tenants');
  });

  it('the queue leases only rows of the requested tenants', async () => {
    const [ours, others] = [keysOf(2), keysOf(2)];
    await ledger.enqueueHints([...ours, ...others], 5_000);
    expect(ids(await lease(ours))).toEqual(ids(ours));
  });

  it('the queue gives each row to only one of several concurrent drainers', async () => {
    const keys = [...keysOf(100), ...keysOf(100)];
    await ledger.enqueueHints(keys, 5_000);
    const leased = await Promise.all(Array.from({ length: 20 }, () => lease(keys, 10)));
    // A drainer that finds all rows locked just then gets fewer; nobody gets another's.
    expect(ids([...leased.flat(), ...(await lease(keys, 200))])).toEqual(ids(keys));
  });

  it('a drainer can return rows that it did not look at, and postpone others', async () => {
    const [back, later, gone] = keysOf(3) as [ArchiveKey, ArchiveKey, ArchiveKey];
    await ledger.enqueueHints([back, later, gone], 5_000);
    await lease([back], 10, LEASE_MS, 'me');
    await ledger.dequeue([gone], 'me');
    await ledger.postpone(
      [
        { ...later, dueInMs: 30_000 },
        { ...back, dueInMs: 0 },
        { ...gone, dueInMs: 0 },
      ],
      'me',
    );
    expect(await lease([back])).toMatchObject([{ ...back, attempts: 1 }]);
    await makeDue('30 seconds');
    expect(await lease([back])).toMatchObject([{ ...later, attempts: 2 }]);
    expect(await ledger.measureQueue()).toMatchObject({ entries: 2 });
  });

  it('the holder of an older lease can change nothing', async () => {
    const keys = keysOf(2);
    await ledger.enqueueHints(keys, 5_000);
    await lease(keys, 10, 0, 'old');
    await lease(keys, 10, LEASE_MS, 'new');
    await ledger.dequeue(keys, 'old');
    await ledger.postpone(
      keys.map((key) => ({ ...key, dueInMs: 0 })),
      'old',
    );
    expect(await ledger.measureQueue()).toMatchObject({ entries: 2 });
    expect(await lease(keys)).toEqual([]);
  });

  it('the queue keeps a row that is queued again while it is leased', async () => {
    const keys = keysOf(1);
    await ledger.enqueueHints(keys, 5_000);
    await lease(keys, 10, LEASE_MS, 'me');
    await order(keys[0]!);
    await ledger.dequeue(keys, 'me');
    expect(await lease(keys)).toMatchObject([{ origin: 'order', attempts: 2 }]);
  });

  it('the queue keeps the stronger origin', async () => {
    const [key] = keysOf(1) as [ArchiveKey];
    await ledger.enqueueHints([key], 5_000);
    for (const [showOrOrder, kept] of [
      [readWholeList, 'list'],
      [(_: Ledger, ordered: ArchiveKey) => order(ordered), 'order'],
      [readWholeList, 'order'],
    ] as const) {
      await showOrOrder(ledger, key);
      expect(await lease([key], 100, 0)).toMatchObject([{ origin: kept }]);
    }
  });

  it('concurrent batches of the same rows in different orders do not deadlock', async () => {
    const keys = [...keysOf(50), ...keysOf(50)];
    const orders = Array.from({ length: 12 }, (_, index) => (index % 2 ? keys.toReversed() : keys));
    await Promise.all(orders.map((order) => ledger.enqueueHints(order, 30_000)));
    await lease(keys, 100, LEASE_MS, 'me');
    await Promise.all(
      orders.map(async (order, index) => {
        if (index % 3 === 0) await ledger.enqueueHints(order, 30_000);
        else if (index % 3 === 1)
          await ledger.postpone(
            order.map((key) => ({ ...key, dueInMs: 1 })),
            'me',
          );
        else await ledger.dequeue(order, 'me');
      }),
    );
    expect(await ledger.measureQueue()).toMatchObject({ entries: 100 });
  });
});
