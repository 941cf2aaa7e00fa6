import { ArchivistError } from '../../src/domain/failures';
import type { AvailabilityOutcome } from '../../src/domain/claim';
import { progress } from '../../src/workflows/messages';
import { COPY, FACTS, inTurn, POLICY, SECURED, USUAL } from './script';
import { durationOf, eventCountOf, startTimeLapse, valuesOf, type TimeLapse } from './time-lapse';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const notYet = (pause: number) => () =>
  Promise.reject<AvailabilityOutcome>(new ArchivistError('NotYetAvailable', 'not yet', pause));
const available = () =>
  Promise.resolve<AvailabilityOutcome>({ outcome: 'available', facts: FACTS, hurry: false });

describe('claimArchive', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it('waits, downloads, verifies, secures and only then abandons', async () => {
    const claim = await lapse.claim();
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: false });
    expect(lapse.callsOf(claim)).toEqual([
      'awaitAvailable',
      'downloadArchive',
      'verifyCopy',
      'secureCopy',
      'abandonArchive',
    ]);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['waiting', 'downloading', 'abandoned']);
  });

  it('shows in its search attributes the states that last', async () => {
    const large = { ...COPY, sizeBytes: 64 * 1024 * 1024 };
    const claim = await lapse.claim({
      downloadArchive: () => Promise.resolve(large),
      abandonArchive: inTurn<unknown>(
        () => Promise.reject(new ArchivistError('AbandonUnconfirmed', 'not yet')),
        USUAL.abandonArchive,
      ),
    });
    await claim.result();
    expect(await valuesOf(claim, 'ArchivistState')).toEqual([
      'waiting',
      'downloading',
      'verifying',
      'secured',
      'abandoned',
    ]);
    expect(lapse.callsOf(claim).filter((call) => call === 'abandonArchive')).toHaveLength(2);
  });

  it('tells every state when it is asked, however short', async () => {
    const states: string[] = [];
    const note = async () => void states.push((await claim.query(progress)).state);
    const claim = await lapse.claim({
      awaitAvailable: () => note().then(available),
      downloadArchive: () => note().then(USUAL.downloadArchive),
      verifyCopy: () => note().then(USUAL.verifyCopy),
      abandonArchive: () => note().then(USUAL.abandonArchive),
    });
    await claim.result();
    expect(states).toEqual(['waiting', 'downloading', 'verifying', 'secured']);
  });

  // One after the other: the server skips time for both, under the one that works.
  it('has the same number of events for 0 and for 20 polls, and no more than 50', async () => {
    const atOnce = await lapse.claim();
    await atOnce.result();
    const polls = Array.from({ length: 20 }, () => notYet(5 * 60_000));
    const patient = await lapse.claim({ awaitAvailable: inTurn(...polls, available) });
    await patient.result();
    expect(lapse.callsOf(patient).filter((call) => call === 'awaitAvailable')).toHaveLength(21);
    expect(await eventCountOf(patient)).toBe(await eventCountOf(atOnce));
    expect(await eventCountOf(patient)).toBeLessThanOrEqual(50);
  });

  it('asks the platform again at once when the archive is announced', async () => {
    const claim = await lapse.claim({ awaitAvailable: inTurn(notYet(3 * DAY), available) });
    await lapse.sleep(HOUR);
    await claim.signal('announced');
    await claim.result();
    expect(await durationOf(claim)).toBeLessThan(DAY);
  });

  it('is not disturbed by announcements while it works', async () => {
    const claim = await lapse.claim({
      downloadArchive: async () => {
        for (let i = 0; i < 3; i += 1) await claim.signal('announced');
        return COPY;
      },
    });
    await claim.result();
    expect(lapse.callsOf(claim)).toHaveLength(5);
  });

  it('is done at once where the archive is secured here and abandoned there', async () => {
    const claim = await lapse.claim({
      awaitAvailable: () => Promise.resolve({ outcome: 'done', secured: SECURED }),
    });
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'abandoned', alreadyDone: true });
    expect(lapse.callsOf(claim)).toEqual(['awaitAvailable']);
  });

  it('downloads an archive that was abandoned but never secured before everything else', async () => {
    const claim = await lapse.claim({
      awaitAvailable: () => Promise.resolve({ outcome: 'available', facts: FACTS, hurry: true }),
    });
    await claim.result();
    const { events } = await claim.fetchHistory();
    const scheduled = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: activity }) => activity ?? [],
    );
    const urgent = scheduled
      .filter(({ priority }) => priority?.priorityKey === 1)
      .map(({ activityType }) => activityType?.name);
    expect(urgent).toEqual(['downloadArchive', 'verifyCopy']);
  });

  it('ends as missed, loudly, where the archive expired before there was a copy', async () => {
    const claim = await lapse.claim({
      awaitAvailable: () => Promise.reject(new ArchivistError('ArchiveMissed', 'expired')),
    });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type: 'ArchiveMissed' } });
    expect(lapse.callsOf(claim)).toEqual(['awaitAvailable', 'recordOutcome:missed:ArchiveMissed']);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual(['waiting', 'missed']);
  });

  it('ends as secured, and abandons nothing, in copy-only mode', async () => {
    const claim = await lapse.claim({ policy: { ...POLICY, abandon: false } });
    await expect(claim.result()).resolves.toEqual({ ...SECURED, state: 'secured', alreadyDone: false });
    expect(lapse.callsOf(claim)).not.toContain('abandonArchive');
  });

  it('refuses an input that is not a tenant and an archive', async () => {
    const started = await lapse.client.workflow.start('claimArchive', {
      args: [{ tenant: 'acme', archiveId: '../a' }],
      taskQueue: 'archivist',
      workflowId: 'by-hand',
    });
    await expect(started.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });

  it('gives a claim that was started by hand its search attributes', async () => {
    const claim = await lapse.claim();
    await claim.result();
    expect(await valuesOf(claim, 'ArchivistTenant')).toEqual(['acme']);
    expect(await valuesOf(claim, 'ArchivistArchiveId')).toEqual([claim.workflowId.split(':')[2]]);
    expect(await valuesOf(claim, 'ArchivistConferenceId')).toContain('conference-1');
    expect(await valuesOf(claim, 'ArchivistDeadline')).toHaveLength(1);
  });

  it('tells its progress while it runs', async () => {
    const claim = await lapse.claim({ awaitAvailable: inTurn(notYet(DAY), available) });
    await lapse.sleep(HOUR);
    await expect(claim.query(progress)).resolves.toMatchObject({ tenant: 'acme', state: 'waiting' });
    await claim.result();
    await expect(claim.query(progress)).resolves.toMatchObject({
      state: 'abandoned',
      conferenceId: 'conference-1',
      sizeBytes: 1024,
    });
  });
});
