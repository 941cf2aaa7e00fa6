import type { WorkflowExecutionDescription } from '@temporalio/client';
import { parseArchiveId, parseTenantId } from '../../src/domain/ids';
import type { SweepBatch } from '../../src/domain/sweep';
import { progress } from '../../src/workflows/messages';
import { untilCancelled } from '../workflows/gate';
import {
  announceOften,
  eventCountOf,
  startInRealTime,
  startTimeLapse,
  type Claim,
  type RunningWorkflows,
} from '../workflows/running-workflows';
import { COPY, failing, FACTS, inTurn, NOTHING_DUE, type Script } from '../workflows/script';

const HOUR = 3_600_000;

/** Histories that would kill a run, if workflows did not go on in new runs. */
describe('signals', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  /** Resolves with the first run of a claim when it went on in another one. */
  async function untilContinued(claim: Claim): Promise<WorkflowExecutionDescription> {
    const first = site.client.workflow.getHandle(claim.workflowId, claim.firstExecutionRunId);
    for (;;) {
      const described = await first.describe();
      if (described.status.name !== 'RUNNING') return described;
      await site.sleep(100);
    }
  }

  it('by the thousand do not end a claim: it continues in new runs with its deadline and its attention', async () => {
    const claim = await site.claim({ awaitAvailable: failing('PlatformFailed') }, { deadlineMs: HOUR });
    await site.reach(claim, 'needAttention');
    await announceOften(claim, 2_200);
    const { status, historyLength, startTime } = await untilContinued(claim);
    expect(status.name).toBe('CONTINUED_AS_NEW');
    expect(historyLength).toBeLessThan(10_000);
    await expect(claim.query(progress)).resolves.toMatchObject({
      attention: 'PlatformFailed',
      deadline: new Date(startTime.getTime() + HOUR).toISOString(),
    });
    const { typedSearchAttributes } = await claim.describe();
    expect(typedSearchAttributes.get({ name: 'ArchivistState', type: 'KEYWORD' })).toBe('attention');
    site.scripts.set(claim.workflowId.split(':')[2] ?? '', {});
    await claim.signal('announced');
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
  }, 180_000);

  it('by the thousand do not keep a claim from working: a download continues in the next run', async () => {
    const claim = await site.claim({ downloadArchive: inTurn(untilCancelled, () => Promise.resolve(COPY)) });
    await site.reach(claim, 'downloadArchive');
    await announceOften(claim, 2_200);
    await untilContinued(claim);
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned' });
    expect(site.stepsOf(claim).filter((step) => step === 'downloadArchive')).toHaveLength(2);
  }, 180_000);
});

describe('a long sweep', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  async function sweep(script: Script, tenant: string) {
    site.scripts.set(tenant, script);
    return await site.start('sweepCopies', `sweep:${tenant}`, { tenant });
  }

  const batch = (changes: Partial<SweepBatch>) => () => Promise.resolve({ ...NOTHING_DUE, ...changes });

  it('continues in new runs before its history is long, and keeps its counts', async () => {
    const batches = Array.from({ length: 200 }, () => batch({ rechecked: 100, whole: 100, more: true }));
    const started = await sweep(
      { sweepDue: inTurn(...batches, batch({ rechecked: 1, whole: 1 })) },
      'of-many',
    );
    await expect(started.result()).resolves.toMatchObject({ rechecked: 20_001, whole: 20_001 });
    const first = site.client.workflow.getHandle(started.workflowId, started.firstExecutionRunId);
    expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
    expect(await eventCountOf(first)).toBeLessThan(2_000);
    expect(await eventCountOf(started)).toBeLessThan(2_000);
  }, 120_000);

  it('stays under 2,000 events a run even if hundreds of copies are damaged, and starts all repairs', async () => {
    const damaged = Array.from({ length: 250 }, (_, index) => ({
      tenant: parseTenantId('acme'),
      archiveId: parseArchiveId(`damaged-${index}`),
    }));
    for (const { archiveId } of damaged)
      site.scripts.set(archiveId, { beginRepair: () => Promise.resolve({ outcome: 'whole' }) });
    const started = await sweep(
      { sweepDue: inTurn(batch({ rechecked: 250, damaged }), batch({})) },
      'of-damaged',
    );
    await expect(started.result()).resolves.toMatchObject({ rechecked: 250, damaged: 250 });
    const first = site.client.workflow.getHandle(started.workflowId, started.firstExecutionRunId);
    // Repairs that end at once add events: whether there is a second run depends on how fast they are.
    for (const run of [first, started]) expect(await eventCountOf(run)).toBeLessThan(2_000);
    for (const { archiveId } of damaged)
      await site.client.workflow.getHandle(`repair:acme:${archiveId}`).result();
  }, 180_000);
});

describe('a repair', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startTimeLapse()));
  afterAll(() => site.close());

  it('continues for weeks, in new runs, while it needs a person', async () => {
    const trouble = Array.from({ length: 14 * 24 }, () => failing('RecordInvalid'));
    const toRepair = () => Promise.resolve({ outcome: 'repair', facts: FACTS });
    const key = site.archive({ beginRepair: inTurn(...trouble, toRepair) });
    const started = await site.start('repairCopy', `repair:${key.tenant}:${key.archiveId}`, key);
    await expect(started.result()).resolves.toMatchObject({ outcome: 'repaired' });
    const first = site.client.workflow.getHandle(started.workflowId, started.firstExecutionRunId);
    const { status, historyLength } = await first.describe();
    expect(status.name).toBe('CONTINUED_AS_NEW');
    expect(historyLength).toBeLessThan(2_100);
  }, 120_000);
});
