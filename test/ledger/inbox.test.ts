import { claimWorkflowId, type ArchiveKey } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/create-ledger';
import type { InboxNotification } from '../../src/ledger/inbox';
import type { Ledger } from '../../src/ledger/ledger';
import { newKey } from './archives';
import { withDatabase } from '../support/postgres';

const LEASE = { limit: 1_000, leaseMs: 600_000 };

function newKeys(count: number): ArchiveKey[] {
  return Array.from({ length: count }, newKey);
}

function due(keys: readonly ArchiveKey[], dueInMs = 0): InboxNotification[] {
  return keys.map((key) => ({ ...key, dueInMs }));
}

function names(keys: readonly ArchiveKey[]): string[] {
  return keys.map(claimWorkflowId).sort();
}

withDatabase((database) => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = createLedger(database());
    await database().query('DELETE FROM inbox');
  });

  it('keeps notifications until they are removed', async () => {
    const keys = newKeys(3);
    await ledger.keepInInbox(due(keys));
    const taken = await ledger.takeFromInbox(LEASE);
    expect(names(taken)).toEqual(names(keys));
    expect(taken.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    await ledger.removeFromInbox(keys.slice(1));
    expect(await database().query('SELECT archive_id FROM inbox')).toEqual([
      { archive_id: keys[0]!.archiveId },
    ]);
  });

  it('keeps one for each archive, however often and however many at once', async () => {
    const key = newKey();
    await ledger.keepInInbox(due([key, key, key]));
    await Promise.all(Array.from({ length: 10 }, () => ledger.keepInInbox(due([key]))));
    expect(await ledger.measureInbox()).toMatchObject({ entries: 1 });
  });

  it('holds which archive it is, and no more', async () => {
    await ledger.keepInInbox(due([newKey()]));
    const [row] = await database().query('SELECT * FROM inbox');
    expect(Object.keys(row ?? {}).sort()).toEqual([
      'archive_id',
      'attempts',
      'due_at',
      'received_at',
      'tenant',
    ]);
  });

  it('gives what it gave to nobody else before the lease is over', async () => {
    const [key] = newKeys(1);
    await ledger.keepInInbox(due([key!]));
    expect(await ledger.takeFromInbox(LEASE)).toHaveLength(1);
    expect(await ledger.takeFromInbox(LEASE)).toEqual([]);
    await ledger.keepInInbox(due([key!]));
    expect(await ledger.takeFromInbox(LEASE)).toEqual([]);
  });

  it('gives it again after the lease, and counts', async () => {
    await ledger.keepInInbox(due(newKeys(1)));
    expect(await ledger.takeFromInbox({ limit: 1, leaseMs: 0 })).toMatchObject([{ attempts: 1 }]);
    expect(await ledger.takeFromInbox({ limit: 1, leaseMs: 0 })).toMatchObject([{ attempts: 2 }]);
  });

  it('gives it again when it was given back, at the time that was said', async () => {
    const [now, later, gone] = newKeys(3) as [ArchiveKey, ArchiveKey, ArchiveKey];
    await ledger.keepInInbox(due([now, later, gone]));
    await ledger.takeFromInbox(LEASE);
    await ledger.removeFromInbox([gone]);
    await ledger.returnToInbox([...due([now, gone]), ...due([later], 60_000)]);
    expect(await ledger.takeFromInbox(LEASE)).toEqual([{ ...now, attempts: 2 }]);
  });

  it('gives what is due, the longest due first, and no more than was asked for', async () => {
    const [late, early, latest, not] = newKeys(4) as [ArchiveKey, ArchiveKey, ArchiveKey, ArchiveKey];
    await ledger.keepInInbox([
      ...due([late], -2_000),
      ...due([early], -3_000),
      ...due([latest], -1_000),
      ...due([not], 60_000),
    ]);
    expect(await ledger.takeFromInbox({ ...LEASE, limit: 1 })).toMatchObject([early]);
    expect(await ledger.takeFromInbox({ ...LEASE, limit: 1 })).toMatchObject([late]);
    expect(await ledger.takeFromInbox(LEASE)).toMatchObject([latest]);
  });

  it('gives each notification to one of several who ask at once', async () => {
    const keys = newKeys(200);
    await ledger.keepInInbox(due(keys));
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => ledger.takeFromInbox({ ...LEASE, limit: 10 })),
    );
    // Whoever finds all rows taken just then gets fewer; nobody gets another's.
    const rest = await ledger.takeFromInbox(LEASE);
    expect(names([...taken.flat(), ...rest])).toEqual(names(keys));
  });

  it('takes the same notifications in any order from several at once', async () => {
    const keys = newKeys(100);
    const orders = Array.from({ length: 10 }, (_, index) => (index % 2 ? keys.toReversed() : keys));
    await Promise.all(orders.map((order) => ledger.keepInInbox(due(order))));
    expect(await ledger.measureInbox()).toMatchObject({ entries: 100 });
    await Promise.all(
      orders.map((order, index) =>
        index < 5 ? ledger.returnToInbox(due(order)) : ledger.removeFromInbox(order),
      ),
    );
    expect(await ledger.measureInbox()).toEqual({ entries: 0, oldestSeconds: 0 });
  });

  it('tells how many there are, and how old the oldest is', async () => {
    const keys = newKeys(2);
    await ledger.keepInInbox(due(keys));
    await database().query(
      "UPDATE inbox SET received_at = received_at - interval '1 hour' WHERE archive_id = $1",
      [keys[0]!.archiveId],
    );
    const { entries, oldestSeconds } = await ledger.measureInbox();
    expect(entries).toBe(2);
    expect(oldestSeconds).toBeGreaterThan(3_599);
    expect(oldestSeconds).toBeLessThan(3_700);
  });
});
