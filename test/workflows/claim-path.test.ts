import { claimWorkflowId } from '../../src/domain/ids';
import { CLAIM_ARCHIVE } from '../../src/domain/claim';
import { progress } from '../../src/workflows/messages';
import {
  eventCountOf,
  limitsOf,
  startInRealTime,
  valuesOf,
  type RunningWorkflows,
} from './running-workflows';
import { available, failing, inTurn, SECURED } from './script';

const PATH = ['awaitAvailable', 'downloadArchive', 'verifyCopy', 'abandonArchive'];

describe('a claim without failures', () => {
  let site: RunningWorkflows;
  beforeAll(async () => (site = await startInRealTime()));
  afterAll(() => site.close());

  it('waits, downloads, verifies, and only then abandons, in at most 34 events', async () => {
    const claim = await site.claim();
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: false });
    expect(site.stepsOf(claim)).toEqual(PATH);
    expect(await eventCountOf(claim)).toBeLessThanOrEqual(34);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['downloading', 'abandoned']);
    expect(await valuesOf(claim, 'ArchivistConferenceId')).toEqual(['conference-1']);
  });

  it('lets steps that read whole copies run for days, and detects a dead worker within half a minute', async () => {
    const claim = await site.claim();
    await claim.result();
    const days = { downloadArchive: 7, verifyCopy: 7, abandonArchive: 1 };
    for (const [step, count] of Object.entries(days))
      expect(await limitsOf(claim, step)).toEqual({ wholeSeconds: count * 24 * 60 * 60, silentSeconds: 30 });
  });

  it('does not cancel the deadline timer when it completes', async () => {
    const claim = await site.claim();
    await claim.result();
    const { events } = await claim.fetchHistory();
    expect(events?.filter((event) => event.timerStartedEventAttributes)).toHaveLength(1);
    expect(events?.filter((event) => event.timerCanceledEventAttributes)).toEqual([]);
    expect(events?.filter((event) => event.markerRecordedEventAttributes)).toEqual([]);
  });

  it('may be started by hand, and then sets its own search attributes, in at most 34 events', async () => {
    const key = site.archive();
    const claim = await site.start('claimArchive', claimWorkflowId(key), key);
    await claim.result();
    expect(await valuesOf(claim, 'ArchivistTenant')).toEqual(['acme']);
    expect(await valuesOf(claim, 'ArchivistArchiveId')).toEqual([key.archiveId]);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['announced', 'downloading', 'abandoned']);
    expect(await valuesOf(claim, 'ArchivistDeadline')).toHaveLength(1);
    expect(await eventCountOf(claim)).toBeLessThanOrEqual(34);
  });

  it('may be started with a signal, which its first step answers', async () => {
    const key = site.archive();
    const claim = await site.client.workflow.signalWithStart(CLAIM_ARCHIVE, {
      args: [key],
      signal: 'announced',
      taskQueue: 'archivist',
      workflowId: claimWorkflowId(key),
    });
    await claim.result();
    expect(site.stepsOf(claim)).toEqual(PATH);
  });

  it('runs only the abandon if a verified copy is already in its place', async () => {
    const claim = await site.claim({
      awaitAvailable: () => Promise.resolve({ outcome: 'secured', secured: SECURED, deadlineAt: 0 }),
    });
    await expect(claim.result()).resolves.toMatchObject({ state: 'abandoned', alreadyDone: false });
    expect(site.stepsOf(claim)).toEqual(['awaitAvailable', 'abandonArchive']);
  });

  it.each(['abandoned', 'closed'] as const)('completes at once if the archive is %s', async (state) => {
    const claim = await site.claim({
      awaitAvailable: () => Promise.resolve({ outcome: 'done', secured: SECURED, state }),
    });
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state, alreadyDone: true });
    expect(site.stepsOf(claim)).toEqual(['awaitAvailable']);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual([state]);
  });

  it.each(['held', 'copyOnly', 'notSecured', 'conferenceUnknown', 'decided', 'warning'] as const)(
    'ends in the state secured if the abandon has to wait: %s',
    async (waitsFor) => {
      const claim = await site.claim({
        abandonArchive: () => Promise.resolve({ outcome: 'waits', waitsFor }),
      });
      await expect(claim.result()).resolves.toEqual({
        ...SECURED,
        state: 'secured',
        alreadyDone: false,
        waitsFor,
      });
      expect(site.stepsOf(claim)).toEqual(PATH);
      expect(await valuesOf(claim, 'ArchivistState')).toEqual(['downloading', 'secured']);
      await expect(claim.query(progress)).resolves.toMatchObject({ state: 'secured', waitsFor });
    },
  );

  it('shows the state secured if the abandon does not succeed at once', async () => {
    const claim = await site.claim({
      abandonArchive: inTurn(failing('AbandonUnconfirmed'), failing('AbandonInFlight', 10), () =>
        Promise.resolve({ outcome: 'abandoned' }),
      ),
    });
    await claim.result();
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['downloading', 'secured', 'abandoned']);
    expect(site.stepsOf(claim)).toEqual([...PATH, 'abandonArchive', 'abandonArchive']);
  });

  it('gives its download the highest priority if the platform will delete the file soon', async () => {
    const claim = await site.claim({
      awaitAvailable: () => Promise.resolve(available({ urgent: true })),
    });
    await claim.result();
    const { events } = await claim.fetchHistory();
    const urgent = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: step }) =>
      step?.priority?.priorityKey === 1 ? [step.activityType?.name] : [],
    );
    expect(urgent).toEqual(['downloadArchive', 'verifyCopy']);
  });

  it('ends as unknown, and writes nothing, if the platform never knew the archive', async () => {
    const claim = await site.claim({ awaitAvailable: () => Promise.resolve({ outcome: 'unknown' }) });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'ArchiveUnknown' } });
    expect(site.stepsOf(claim)).toEqual(['awaitAvailable']);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['failed']);
  });

  it('ends as missed if the archive expired before there was a copy', async () => {
    const claim = await site.claim({ awaitAvailable: failing('ArchiveMissed') });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'ArchiveMissed' } });
    expect(site.argsOf(claim, 'endClaim')).toEqual([{ kind: 'missed', reason: 'ArchiveMissed' }]);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['missed']);
  });

  it('ends with the original failure even if its end cannot be recorded', async () => {
    const claim = await site.claim({
      awaitAvailable: failing('ArchiveMissed'),
      endClaim: failing('UnknownTenant'),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'ArchiveMissed' } });
  });
});
