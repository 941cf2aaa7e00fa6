import { parseArchiveId, type ArchiveKey } from '../../../src/domain/ids';
import type { ReconcileReport } from '../../../src/domain/reconciliation';
import { CountingEnvironment } from '../counting-environment';
import { claim, openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';
import { ledgerEvents } from '../../ledger/archives';
import { matching } from '../../simulator/matchers';

const DAY = "interval '25 hours'";

let site: ActivitySite;
let counting: CountingEnvironment;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(async () => {
  await site.simulator.reset();
  await site.database.query('DELETE FROM queue');
  counting = new CountingEnvironment();
});

async function reconcile(): Promise<ReconcileReport> {
  return await site.runWith({ environment: counting.environment }, 'reconcileArchives', TENANT);
}

async function inStatus(status: string): Promise<ArchiveKey> {
  return await site.archive({ statuses: [{ status }] });
}

/** What is in the queue, in the order in which it is started. */
async function queued(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const bounds = { tenants: [TENANT], limit: 1_000, leaseMs: 1, leasedBy: 'a test' };
  const rows = await site.ledger.lease(bounds);
  return rows.map(({ archiveId, origin }) => ({ archiveId, origin }));
}

function moveBack(column: string, { archiveId }: ArchiveKey): Promise<unknown> {
  return site.database.query(
    `UPDATE archives SET ${column} = ${column} - ${DAY}, fence_at = fence_at - 90000000 WHERE archive_id = $1`,
    [archiveId],
  );
}

describe('reconciliation', () => {
  it('does nothing for claimed archives, and does not write them again', async () => {
    const key = await site.archive();
    await claim(site, key);
    await reconcile();
    const before = await ledgerEvents(site.database, key);
    expect(await reconcile()).toEqual({
      tenant: TENANT,
      listed: 1,
      changed: 0,
      queued: 0,
      missed: 0,
      unusable: 0,
    });
    expect(await ledgerEvents(site.database, key)).toEqual(before);
    expect(await queued()).toEqual([]);
    expect(counting.valueOf('archivist_reconcile_queued', TENANT)).toBe(0);
    expect(counting.valueOf('archivist_reconcile_listed', TENANT)).toBe(1);
  });

  it('queues each unannounced archive once, whatever its status', async () => {
    const keys = [await site.archive(), await site.archive()];
    for (const status of ['PROCESSING', 'FAILED', 'SOMETHING_NEW']) keys.push(await inStatus(status));
    expect(await reconcile()).toMatchObject({ listed: 5, changed: 5, queued: 5 });
    expect(await reconcile()).toMatchObject({ listed: 5, changed: 0, queued: 0 });
    const wanted = keys.map(({ archiveId }) => ({ archiveId, origin: 'list' }));
    expect(await queued()).toEqual(expect.arrayContaining(wanted));
    expect(counting.valueOf('archivist_reconcile_queued', TENANT)).toBe(5);
  });

  it('upgrades the origin of an announced archive that is still in the queue', async () => {
    const key = await site.archive();
    await site.ledger.enqueueHints([key], 1_000);
    expect(await reconcile()).toMatchObject({ queued: 1 });
    expect(await queued()).toEqual([{ archiveId: key.archiveId, origin: 'list' }]);
  });

  it('leaves a running claim alone, and queues it again if it has not moved for long', async () => {
    const key = await site.archive();
    await site.run('awaitAvailable', key, untilTomorrow());
    expect(await reconcile()).toMatchObject({ queued: 0 });
    await moveBack('state_since', key);
    expect(await reconcile()).toMatchObject({ queued: 1 });
  });

  it('queues an archive without a copy that the platform will delete soon', async () => {
    const key = await inStatus('ABANDONED');
    expect(await reconcile()).toMatchObject({ changed: 1, queued: 1 });
    const { toldAt } = (await site.ledger.find(key))!;
    expect(toldAt).toBeInstanceOf(Date);
  });

  it('queues a failed claim a day later, but none that a person ended', async () => {
    const [failed, givenUp] = [await site.archive(), await site.archive()];
    for (const key of [failed, givenUp]) await site.run('awaitAvailable', key, untilTomorrow());
    await site.run('giveOrder', givenUp, { kind: 'giveUp', by: 'jane' });
    await site.run('endClaim', failed, { kind: 'failed', reason: 'ArchiveTooLarge' });
    expect(await reconcile()).toMatchObject({ queued: 0 });
    for (const key of [failed, givenUp]) await moveBack('state_since', key);
    expect(await reconcile()).toMatchObject({ queued: 1 });
    expect(await queued()).toEqual([{ archiveId: failed.archiveId, origin: 'list' }]);
  });

  it('counts unknown expired archives each time they are listed, and stores nothing about them', async () => {
    const key = await inStatus('EXPIRED');
    expect(await reconcile()).toMatchObject({ listed: 1, missed: 1, changed: 0, queued: 0 });
    expect(await reconcile()).toMatchObject({ missed: 1 });
    expect(await site.ledger.find(key)).toBeUndefined();
    expect(counting.valueOf('archivist_reconcile_missed', TENANT)).toBe(1);
  });

  it('records that the platform was told, by whomever, so that the copy is rechecked in time', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await reconcile();
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      fixityDueAt: expect.any(Date) as Date,
      confirmDueAt: expect.any(Date) as Date,
    });
  });

  it('shares a list with an abandon that needs one', async () => {
    const both = await Promise.all([
      reconcile(),
      site.lists.next(TENANT, new AbortController().signal).then(() => 'read'),
    ]);
    expect(both).toMatchObject([{ listed: 0 }, 'read']);
    expect(await site.simulator.journal({ kind: 'request', endpoint: 'list' })).toHaveLength(1);
  });

  it('retires the secrets of subscriptions that were deleted at least a minute ago', async () => {
    const { ledger, database } = site;
    const generations = [];
    for (const sha256 of ['a', 'b']) {
      const generation = await ledger.addGeneration(TENANT, sha256.repeat(64));
      await ledger.noteSubscription(TENANT, generation, `subscription-${sha256}`);
      await ledger.noteUnsubscribed(TENANT, generation);
      generations.push(generation);
    }
    await database.query(
      `UPDATE subscriptions SET unsubscribed_at = unsubscribed_at - interval '61 seconds' WHERE generation = $1`,
      [generations[0]],
    );
    await reconcile();
    expect(await ledger.listCallbackSecrets()).toMatchObject([{ generation: generations[1] }]);
  });
});

describe('the activity', () => {
  it('reports how many archives have unusable ids', async () => {
    await site.archive({ record: { archiveId: '../etc' } });
    expect(await reconcile()).toMatchObject({
      listed: 1,
      unusable: 1,
      queued: 0,
      incomplete: 'ListIncomplete',
      problem: matching('ids cannot be used'),
    });
    expect(counting.valueOf('archivist_reconcile_unusable_ids', TENANT)).toBe(1);
  });

  it('rejects an invalid tenant and one that is not configured', async () => {
    const run = (tenant: string) => site.run('reconcileArchives', tenant as never);
    await expect(run('../x')).rejects.toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    await expect(run('other')).rejects.toMatchObject({ type: 'UnknownTenant', nonRetryable: true });
  });

  it('ends when it is cancelled', async () => {
    await site.archive();
    await site.simulator.setFaults([{ fault: 'stall', endpoint: 'list' }]);
    const run = reconcile();
    setTimeout(() => counting.environment.cancel(), 100);
    await expect(run).rejects.toThrow(/CANCELLED/i);
    expect(await queued()).toEqual([]);
  });

  it('reports only counts, never the archives', async () => {
    const archiveId = parseArchiveId('an-archive');
    await site.archive({ archiveId });
    expect(JSON.stringify(await reconcile())).not.toContain(archiveId);
  });
});
