import { FAILURES, handlingOf, type FailureType } from '../../src/domain/failures';
import type { ArchiveKey } from '../../src/domain/ids';
import { durationOf, startTimeLapse, valuesOf, type RunningWorkflows } from './running-workflows';
import { COPY, failing, FACTS, inTurn, SECURED, type Script } from './script';

const HOUR = 3_600_000;
const types = Object.keys(FAILURES) as FailureType[];
const isSecured = () => Promise.resolve(SECURED);
const copyIsThere = () => Promise.resolve(COPY);
const toRepair = () => Promise.resolve({ outcome: 'repair', facts: FACTS });

describe('a repair', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startTimeLapse()));
  afterAll(() => site.close());

  async function repair(script: Script, key: ArchiveKey = site.archive(script)) {
    return await site.start('repairCopy', `repair:${key.tenant}:${key.archiveId}`, key);
  }

  it('downloads and verifies the archive again with the highest priority', async () => {
    const started = await repair({});
    await expect(started.result()).resolves.toMatchObject({ tenant: 'acme', outcome: 'repaired' });
    expect(site.stepsOf(started)).toEqual(['beginRepair', 'downloadArchive', 'verifyCopy']);
    const { events } = await started.fetchHistory();
    const priorities = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: step }) =>
      step ? [step.priority?.priorityKey] : [],
    );
    expect(priorities).toEqual([1, 1, 1]);
    expect(await valuesOf(started, 'ArchivistState')).toEqual(['attention', 'secured']);
  });

  it.each(['whole', 'lost'] as const)('ends at once if the copy is %s', async (outcome) => {
    const started = await repair({ beginRepair: () => Promise.resolve({ outcome }) });
    await expect(started.result()).resolves.toMatchObject({ outcome });
    expect(site.stepsOf(started)).toEqual(['beginRepair']);
    expect((await valuesOf(started, 'ArchivistState')).at(-1)).toBe(
      outcome === 'whole' ? 'secured' : 'attention',
    );
  });

  it('discards up to three bad copies before it asks a person', async () => {
    const bad = failing('ChecksumMismatch');
    const started = await repair({ verifyCopy: inTurn(bad, bad, bad, isSecured) });
    await started.result();
    const once = ['beginRepair', 'downloadArchive', 'verifyCopy'];
    expect(site.stepsOf(started)).toEqual([...once, ...once, ...once, 'needAttention', ...once]);
  });

  it.each(types.filter((type) => ['attention', 'retryThenAttention'].includes(handlingOf(type))))(
    'asks a person, and retries after an hour: %s',
    async (type) => {
      const trouble = Array.from({ length: handlingOf(type) === 'attention' ? 1 : 40 }, () =>
        failing(type, 60_000),
      );
      const started = await repair({ downloadArchive: inTurn(...trouble, copyIsThere) });
      await expect(started.result()).resolves.toMatchObject({ outcome: 'repaired' });
      expect(site.argsOf(started, 'needAttention')).toEqual([type]);
      expect(await durationOf(started)).toBeGreaterThanOrEqual(HOUR - 1_000);
    },
  );

  it('retries at once when it is signalled', async () => {
    const started = await repair({ downloadArchive: inTurn(failing('ArchiveTooLarge'), copyIsThere) });
    await site.reach(started, 'needAttention');
    await site.sleep(60_000);
    await started.signal('announced');
    await started.result();
    expect(await durationOf(started)).toBeLessThan(HOUR / 2);
  });

  it('ends when the platform has deleted its file meanwhile', async () => {
    const started = await repair({
      beginRepair: inTurn(toRepair, () => Promise.resolve({ outcome: 'lost' })),
      downloadArchive: failing('NotDownloadable'),
    });
    await expect(started.result()).resolves.toMatchObject({ outcome: 'lost' });
  });

  it('fails if there is nothing to repair', async () => {
    const started = await repair({ beginRepair: failing('InvalidInput') });
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });

  it('rejects a workflow id that does not name the archive', async () => {
    const key = site.archive();
    const started = await site.start('repairCopy', 'repair:acme:another', key);
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });
});
