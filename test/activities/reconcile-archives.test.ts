import { parseArchiveId, type ArchiveKey } from '../../src/domain/ids';
import type { ReconcileReport } from '../../src/domain/reconciliation';
import type { FaultRule } from '../../src/simulator';
import { CountingEnvironment } from './counting-environment';
import { NotedClaims } from './noted-claims';
import { openWorkshop, secure, TENANT, type Workshop } from './workshop';

const NOTHING = { missing: 0, unfinished: 0, rescued: 0, retried: 0, lost: 0 };

describe('reconcileArchives', () => {
  let workshop: Workshop;
  let claims: NotedClaims;
  let counting: CountingEnvironment;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());
  beforeEach(async () => {
    await workshop.simulator.reset();
    claims = new NotedClaims();
    counting = new CountingEnvironment();
  });

  async function reconcile(): Promise<ReconcileReport> {
    const { environment } = counting;
    return await workshop.runWith({ claims, environment }, 'reconcileArchives', TENANT);
  }

  async function inStatus(status: string): Promise<ArchiveKey> {
    return await workshop.archive({ statuses: [{ status }] });
  }

  it('has nothing to do for what was claimed', async () => {
    const key = await workshop.archive();
    await workshop.run('abandonArchive', key, await secure(workshop, key));
    expect(await reconcile()).toEqual({
      tenant: TENANT,
      listed: 1,
      started: NOTHING,
      fromInbox: 0,
      missed: 0,
      left: 0,
      givenUp: 0,
      unusable: 0,
    });
    expect(claims.started).toEqual([]);
    expect(counting.countOf('archivist_reconcile_repaired', TENANT)).toBe(0);
  });

  it('claims what nobody announced, says why each, and counts what it repaired', async () => {
    const keys = [await workshop.archive(), await workshop.archive()];
    for (const status of ['PROCESSING', 'FAILED', 'SOMETHING_NEW']) keys.push(await inStatus(status));
    expect(await reconcile()).toMatchObject({ started: { ...NOTHING, missing: 2, unfinished: 3 }, left: 0 });
    expect(claims.started.toSorted()).toEqual(keys.map(({ archiveId }) => archiveId).toSorted());
    expect(counting.countOf('archivist_reconcile_repaired', TENANT)).toBe(5);
  });

  it('counts no claim that is under way already', async () => {
    const { archiveId } = await workshop.archive();
    claims.set(archiveId, 'running');
    expect(await reconcile()).toMatchObject({ started: NOTHING, left: 0 });
    expect(counting.countOf('archivist_reconcile_repaired', TENANT)).toBe(0);
  });

  it('claims anew what Temporal has as claimed and the ledger does not know, as after the loss of the ledger', async () => {
    const { archiveId } = await inStatus('ABANDONED');
    claims.set(archiveId, 'succeeded');
    expect(await reconcile()).toMatchObject({ started: { ...NOTHING, rescued: 1 } });
  });

  it('rescues what the platform deletes soon before everything else, wherever it is in the list', async () => {
    await workshop.archive();
    const { archiveId } = await inStatus('ABANDONED');
    expect(await reconcile()).toMatchObject({ started: { ...NOTHING, missing: 1, rescued: 1 } });
    expect(claims.started[0]).toBe(archiveId);
  });

  it('records what expired as missed, once, and claims nothing of it', async () => {
    const key = await inStatus('EXPIRED');
    expect(await reconcile()).toMatchObject({ missed: 1, started: NOTHING });
    expect(await reconcile()).toMatchObject({ missed: 0, started: NOTHING });
    expect(await workshop.ledger.find(key)).toMatchObject({ state: 'missed' });
    expect(await workshop.ledger.history(key)).toHaveLength(1);
    expect(counting.countOf('archivist_reconcile_missed', TENANT)).toBe(1);
  });

  it('starts what is in the inbox, though no gateway runs, and counts it apart', async () => {
    const [fresh, waiting] = [await workshop.archive(), await workshop.archive()];
    await workshop.ledger.progress(waiting, 'waiting');
    claims.set(waiting.archiveId, 'running');
    await workshop.ledger.keepInInbox([fresh, waiting].map((key) => ({ ...key, dueInMs: 0 })));
    expect(await reconcile()).toMatchObject({ fromInbox: 2, started: NOTHING });
    expect(claims.started).toEqual([fresh.archiveId]);
    expect(claims.woken).toEqual([waiting.archiveId]);
    expect(await workshop.ledger.measureInbox()).toMatchObject({ entries: 0 });
  });

  it('leaves to the next time what Temporal does not take, and keeps the inbox', async () => {
    for (let count = 0; count < 12; count += 1) await workshop.archive();
    const announced = await workshop.archive();
    await workshop.ledger.keepInInbox([{ ...announced, dueInMs: 0 }]);
    claims.silentAfter = 0;
    expect(await reconcile()).toMatchObject({ started: NOTHING, left: 12, fromInbox: 0 });
    expect(await workshop.ledger.measureInbox()).toMatchObject({ entries: 1 });
    await workshop.ledger.removeFromInbox([announced]);
  });

  it('gives the claims of a large repair room to be started', async () => {
    await workshop.simulator.createArchives({ count: 101, size: 1_000, notify: { when: 'never' } });
    await reconcile();
    expect(claims.delays).toHaveLength(101);
    expect(Math.max(...claims.delays)).toBe(2_000);
    expect(claims.delays.at(-1)).toBe(0);
  });

  describe('concludes nothing from a list that', () => {
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

    it.each(BROKEN)('%s, but claims what it gave, and says that it is not whole', async (_, fault) => {
      const known = await workshop.archive();
      await secure(workshop, known);
      await workshop.simulator.createArchives({ count: 9, notify: { when: 'never' } });
      await workshop.simulator.setFaults([fault]);
      const { started, listed, missed, incomplete } = await reconcile();
      expect(incomplete).toMatch(/^(PlatformUnavailable|ArchiveNotFound)$/);
      expect(missed).toBe(0);
      expect(started.missing + started.unfinished).toBe(Math.max(listed - 1, 0));
      expect(listed).toBeLessThan(10);
      expect(counting.countOf('archivist_reconcile_incomplete', TENANT)).toBe(1);
      expect(await workshop.ledger.find(known)).toMatchObject({ state: 'secured' });
    });

    it.each<[string, FaultRule, number]>([
      ['is empty', { fault: 'emptyList' }, 0],
      ['lacks half', { fault: 'partialList' }, 2],
    ])('%s', async (_, fault, listed) => {
      const keys: ArchiveKey[] = [];
      for (let count = 0; count < 4; count += 1) keys.push(await workshop.archive());
      for (const key of keys) await secure(workshop, key);
      await workshop.simulator.setFaults([fault]);
      expect(await reconcile()).toMatchObject({ listed, started: NOTHING, missed: 0 });
      for (const key of keys) expect(await workshop.ledger.find(key)).toMatchObject({ state: 'secured' });
    });
  });

  it.each<[string, FaultRule]>([
    ['wrapped', { fault: 'wrappedList' }],
    ['in pages', { fault: 'pagedList', next: 'links' }],
  ])('reads a list that is %s', async (_, fault) => {
    for (let count = 0; count < 5; count += 1) await workshop.archive();
    await workshop.simulator.setFaults([fault]);
    const report = await reconcile();
    expect(report).toMatchObject({ listed: 5, started: { missing: 5 } });
    expect(report).not.toHaveProperty('incomplete');
  });

  it('says how many archives have ids that cannot be used', async () => {
    await workshop.archive({ record: { archiveId: '../etc' } });
    expect(await reconcile()).toMatchObject({ listed: 1, unusable: 1, started: NOTHING });
  });

  it('refuses what is no tenant, and what is not configured', async () => {
    const run = (tenant: string) => workshop.runWith({ claims }, 'reconcileArchives', tenant as never);
    await expect(run('../x')).rejects.toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    await expect(run('other')).rejects.toMatchObject({ type: 'UnknownTenant', nonRetryable: true });
  });

  it('ends where it is cancelled', async () => {
    await workshop.archive();
    await workshop.simulator.setFaults([{ fault: 'stall', endpoint: 'list' }]);
    const run = reconcile();
    setTimeout(() => counting.environment.cancel(), 100);
    await expect(run).rejects.toThrow(/CANCELLED/i);
    expect(claims.started).toEqual([]);
  });

  it('keeps no more of an archive in its report than counts', async () => {
    const archiveId = parseArchiveId('an-archive');
    await workshop.archive({ archiveId });
    expect(JSON.stringify(await reconcile())).not.toContain(archiveId);
  });
});
