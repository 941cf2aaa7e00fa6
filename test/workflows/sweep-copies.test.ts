import { parseArchiveId, parseTenantId, type ArchiveKey } from '../../src/domain/ids';
import type { SweepBatch } from '../../src/domain/sweep';
import { limitsOf, startInRealTime, type RunningWorkflows } from './running-workflows';
import { failing, inTurn, NOTHING_DUE, type Script } from './script';

let count = 0;

describe('a sweep', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  /** Starts the sweep of a tenant of its own. */
  async function sweep(script: Script, tenant = `tenant-${++count}`) {
    site.scripts.set(tenant, script);
    return await site.start('sweepCopies', `sweep:${tenant}`, { tenant });
  }

  const batch = (changes: Partial<SweepBatch>) => () => Promise.resolve({ ...NOTHING_DUE, ...changes });

  function damagedCopies(length: number): ArchiveKey[] {
    const tenant = parseTenantId('acme');
    return Array.from({ length }, () => ({ tenant, archiveId: parseArchiveId(`damaged-${++count}`) }));
  }

  it('runs batches until nothing is due, and reports the sums', async () => {
    const started = await sweep({
      sweepDue: inTurn(
        batch({ rechecked: 3, whole: 2, expired: 1, more: true }),
        batch({ rechecked: 1, whole: 1, closed: 4, settled: 1, more: true }),
        batch({ queued: 2 }),
      ),
    });
    const tenant = started.workflowId.split(':')[1];
    await expect(started.result()).resolves.toEqual({
      tenant,
      rechecked: 4,
      whole: 3,
      expired: 1,
      closed: 4,
      settled: 1,
      queued: 2,
      damaged: 0,
    });
  });

  it('lets one large copy be read for days, and detects a dead worker within half a minute', async () => {
    const started = await sweep({ sweepDue: batch({}) });
    await started.result();
    const limits = { wholeSeconds: 7 * 24 * 60 * 60, silentSeconds: 30 };
    expect(await limitsOf(started, 'sweepDue')).toEqual(limits);
  });

  it('starts a repair for each damaged copy, which outlives the sweep', async () => {
    const [first, second] = damagedCopies(2);
    for (const key of [first!, second!])
      site.scripts.set(key.archiveId, { beginRepair: failing('PlatformUnavailable', 60_000) });
    const started = await sweep({ sweepDue: batch({ rechecked: 2, damaged: [first!, second!] }) });
    await expect(started.result()).resolves.toMatchObject({ damaged: 2 });
    for (const { archiveId } of [first!, second!]) {
      const repair = site.client.workflow.getHandle(`repair:acme:${archiveId}`);
      const { status, type, typedSearchAttributes, raw } = await repair.describe();
      expect([status.name, type]).toEqual(['RUNNING', 'repairCopy']);
      expect(typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' })).toBe('attention');
      expect(raw.executionConfig?.userMetadata?.summary).toBeTruthy();
      await repair.terminate();
    }
  });

  it('does not disturb a repair that is already running', async () => {
    const [key] = damagedCopies(1);
    site.scripts.set(key!.archiveId, { beginRepair: failing('PlatformUnavailable', 60_000) });
    const script = { sweepDue: batch({ rechecked: 1, damaged: [key!] }) };
    await (await sweep(script)).result();
    const repair = site.client.workflow.getHandle(`repair:acme:${key!.archiveId}`);
    const { runId } = await repair.describe();
    await expect((await sweep(script)).result()).resolves.toMatchObject({ damaged: 1 });
    expect((await repair.describe()).runId).toBe(runId);
    await repair.terminate();
  });

  it('starts another repair for a copy that was repaired before', async () => {
    const [key] = damagedCopies(1);
    site.scripts.set(key!.archiveId, {});
    const script = { sweepDue: batch({ rechecked: 1, damaged: [key!] }) };
    for (let times = 1; times <= 2; times += 1) {
      await (await sweep(script)).result();
      const repair = site.client.workflow.getHandle(`repair:acme:${key!.archiveId}`);
      await expect(repair.result()).resolves.toMatchObject({ outcome: 'repaired' });
      const begun = site.scripts.callsOf(key!.archiveId).filter(({ name }) => name === 'beginRepair');
      expect(begun).toHaveLength(times);
    }
  });

  it('ends when a batch did nothing although more is due, because another sweep is running', async () => {
    const started = await sweep({ sweepDue: batch({ more: true }) });
    await started.result();
    expect(site.scripts.callsOf(started.workflowId.split(':')[1] ?? '')).toHaveLength(1);
  });

  it('ends with the failure of a batch', async () => {
    const started = await sweep({ sweepDue: failing('UnknownTenant') });
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'UnknownTenant' } });
  });

  it('ignores a forged `carried` state of an earlier run', async () => {
    site.scripts.set('by-hand', { sweepDue: batch({ rechecked: 1 }) });
    const carried = { report: { ...NOTHING_DUE, rechecked: 7 }, damaged: damagedCopies(1) };
    const started = await site.start('sweepCopies', 'sweep:by-hand', { tenant: 'by-hand', carried });
    await expect(started.result()).resolves.toMatchObject({ rechecked: 1, damaged: 0 });
  });
});
