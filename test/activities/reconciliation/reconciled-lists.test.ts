import type { ArchiveKey } from '../../../src/domain/ids';
import type { ReconcileReport } from '../../../src/domain/reconciliation';
import type { FaultRule } from '../../../src/simulator';
import { CountingEnvironment } from '../counting-environment';
import { openActivitySite, secure, TENANT, type ActivitySite } from '../activity-site';

let site: ActivitySite;
let counting: CountingEnvironment;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(async () => {
  await site.simulator.reset();
  counting = new CountingEnvironment();
});

async function reconcile(): Promise<ReconcileReport> {
  return await site.runWith({ environment: counting.environment }, 'reconcileArchives', TENANT);
}

describe('reconciliation draws no conclusion from a list that', () => {
  const BROKEN: readonly [string, FaultRule][] = [
    ['is refused with an error', { fault: 'status', endpoint: 'list', statusCode: 500 }],
    ['is not found', { fault: 'status', endpoint: 'list', statusCode: 404 }],
    ['breaks off', { fault: 'reset', endpoint: 'list', after: 0.6 }],
    ['ends too soon', { fault: 'truncate', endpoint: 'list', after: 0.6 }],
    [
      'ends too soon and looks complete',
      { fault: 'truncate', endpoint: 'list', after: 0.6, contentLength: false },
    ],
    ['is a web page', { fault: 'htmlPage', endpoint: 'list' }],
    ['is an error in JSON', { fault: 'jsonError', endpoint: 'list' }],
    ['goes on, and nobody says where', { fault: 'pagedList', size: 5, next: 'cursor' }],
  ];

  it.each(BROKEN)('%s, but queues its archives and reports it as incomplete', async (_, fault) => {
    const known = await site.archive();
    await secure(site, known);
    await site.simulator.createArchives({ count: 9, notify: { when: 'never' } });
    await site.simulator.setFaults([fault]);
    const { queued, listed, missed, incomplete } = await reconcile();
    expect(incomplete).toMatch(/^(PlatformUnavailable|ArchiveNotFound)$/);
    expect(missed).toBe(0);
    expect(queued).toBe(Math.max(listed - 1, 0));
    expect(listed).toBeLessThan(10);
    expect(counting.valueOf('archivist_reconcile_incomplete', TENANT)).toBe(1);
    expect(counting.valueOf('archivist_reconcile_last_success_timestamp_seconds', TENANT)).toBeUndefined();
    expect(await site.ledger.find(known)).toMatchObject({ state: 'secured' });
  });

  it.each<[string, FaultRule, number]>([
    ['is empty', { fault: 'emptyList' }, 0],
    ['lacks half', { fault: 'partialList' }, 2],
  ])('%s', async (_, fault, listed) => {
    const keys: ArchiveKey[] = [];
    for (let count = 0; count < 4; count += 1) keys.push(await site.archive());
    for (const key of keys) await secure(site, key);
    await site.simulator.setFaults([fault]);
    expect(await reconcile()).toMatchObject({ listed, queued: 0, missed: 0 });
    for (const key of keys) expect(await site.ledger.find(key)).toMatchObject({ state: 'secured' });
  });
});

describe('reconciliation reads a list that is', () => {
  it.each<[string, FaultRule]>([
    ['wrapped', { fault: 'wrappedList' }],
    ['in pages', { fault: 'pagedList', next: 'links' }],
  ])('%s', async (_, fault) => {
    for (let count = 0; count < 5; count += 1) await site.archive();
    await site.simulator.setFaults([fault]);
    const report = await reconcile();
    expect(report).toMatchObject({ listed: 5, queued: 5 });
    expect(report).not.toHaveProperty('incomplete');
  });

  it('longer than one batch of writes', async () => {
    await site.simulator.createArchives({ count: 1_100, size: 1_000, notify: { when: 'never' } });
    expect(await reconcile()).toMatchObject({ listed: 1_100, changed: 1_100, queued: 1_100 });
  });
});
