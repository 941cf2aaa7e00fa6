import { ABANDONED, inTurn } from './script';
import { durationOf, eventCountOf, hoursOf, startTimeLapse, valuesOf, type TimeLapse } from './time-lapse';
import { DAY, failing, HOUR } from './turns';

const found = (verdict: string) => () => Promise.resolve(verdict);
const REPAIR = ['downloadAgain', 'verifyCopy', 'secureCopy', 'recordRepair'];

describe('a copy that is not right after the abandon', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it('downloads again what is damaged before the expiry, before everything else', async () => {
    const watch = await lapse.watch({ recheckCopy: inTurn<unknown>(found('damaged'), found('whole')) });
    await watch.result();
    expect(lapse.callsOf(watch)).toEqual([
      'findAbandoned',
      'recheckCopy',
      ...REPAIR,
      'awaitExpired',
      'recheckCopy',
      'closeArchive',
    ]);
    const { events } = await watch.fetchHistory();
    const urgent = (events ?? [])
      .flatMap(({ activityTaskScheduledEventAttributes: activity }) => activity ?? [])
      .filter(({ priority }) => priority?.priorityKey === 1)
      .map(({ activityType }) => activityType?.name);
    expect(urgent).toEqual(expect.arrayContaining(['downloadAgain', 'verifyCopy']));
    expect(urgent).not.toContain('recheckCopy');
    expect(await valuesOf(watch, 'ArchivistState')).toEqual(['abandoned', 'closed']);
  });

  it('never takes another copy for the one that was secured', async () => {
    const facts: unknown[] = [];
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(found('missing'), found('whole')),
      verifyCopy: (_: unknown, expected: unknown) => {
        facts.push(expected);
        return Promise.resolve({ copyId: 'copy-2', sizeBytes: 1024, sha256: ABANDONED.sha256, entries: 3 });
      },
    });
    await watch.result();
    expect(facts).toMatchObject([{ sha256: ABANDONED.sha256, conferenceId: ABANDONED.conferenceId }]);
  });

  it('goes on asking a platform that fails while it downloads again', async () => {
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(found('damaged'), found('whole')),
      downloadAgain: inTurn<unknown>(
        failing('TransferInterrupted'),
        failing('PlatformUnavailable'),
        failing('ArchiveNotFound'),
        () => Promise.resolve({ copyId: 'copy-2', sizeBytes: 1024 }),
      ),
    });
    await watch.result();
    expect(lapse.callsOf(watch).filter((call) => call === 'downloadAgain')).toHaveLength(4);
    expect(lapse.callsOf(watch).join()).not.toContain('recordOutcome');
  });

  it('tells a person that the copy is damaged where ten minutes did not bring another, and goes on', async () => {
    const fails = Array.from({ length: 30 }, () => failing('PlatformUnavailable'));
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(found('damaged'), found('whole')),
      downloadAgain: inTurn<unknown>(...fails, () => Promise.resolve({ copyId: 'copy-2', sizeBytes: 1024 })),
    });
    await watch.result();
    const calls = lapse.callsOf(watch);
    expect(calls.indexOf('recordOutcome:attention:CopyDamaged')).toBe(calls.indexOf('downloadAgain') + 12);
    expect(calls.filter((call) => call === 'downloadAgain')).toHaveLength(31);
    expect(calls).toContain('recordOutcome:settled:CopyDamaged');
    expect(await valuesOf(watch, 'ArchivistState')).toEqual([
      'abandoned',
      'attention',
      'abandoned',
      'closed',
    ]);
  });

  it('throws away three wrong downloads before it tells a person', async () => {
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(found('damaged'), found('missing'), found('whole')),
      verifyCopy: inTurn<unknown>(
        failing('ChecksumMismatch'),
        failing('ChecksumMismatch'),
        failing('ChecksumMismatch'),
        () => Promise.resolve({ copyId: 'copy-4', sizeBytes: 1024, sha256: ABANDONED.sha256, entries: 3 }),
      ),
    });
    await watch.result();
    expect(lapse.callsOf(watch).slice(2, 12)).toEqual([
      'downloadAgain',
      'verifyCopy',
      'downloadAgain',
      'verifyCopy',
      'downloadAgain',
      'verifyCopy',
      'recordOutcome:attention:CopyDamaged',
      'recheckCopy',
      'downloadAgain',
      'verifyCopy',
    ]);
    const hours = await hoursOf(watch);
    expect(hours.filter(([name]) => name === 'recheckCopy').map(([, at]) => at)).toEqual([48, 54, 72]);
  });

  it('waits for a person where the copy is damaged and the platform has no file any more', async () => {
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(found('whole'), found('damaged'), found('missing'), found('whole')),
      downloadAgain: failing('CopyDamaged'),
    });
    await lapse.reach(watch, 'recordOutcome:attention:CopyDamaged', 3 * DAY + HOUR);
    await expect(watch.query('progress')).resolves.toMatchObject({
      state: 'attention',
      attention: 'CopyDamaged',
      phase: 'repairing',
    });
    await watch.result();
    expect(lapse.callsOf(watch)).toEqual([
      'findAbandoned',
      'recheckCopy',
      'awaitExpired',
      'recheckCopy',
      'downloadAgain',
      'recordOutcome:attention:CopyDamaged',
      'recheckCopy',
      'downloadAgain',
      'recheckCopy',
      'recordOutcome:settled:CopyDamaged',
      'closeArchive',
    ]);
    expect(await durationOf(watch)).toBeGreaterThan(3 * DAY + 11 * HOUR);
    await expect(watch.query('progress')).resolves.not.toHaveProperty('attention');
  });

  it('looks at once when it is told that a bag was put back', async () => {
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(found('whole'), found('damaged'), found('whole')),
      downloadAgain: failing('CopyDamaged'),
    });
    await lapse.reach(watch, 'recordOutcome:attention:CopyDamaged', 3 * DAY + HOUR);
    await watch.signal('recheck');
    await watch.result();
    expect(await durationOf(watch)).toBeLessThan(3 * DAY + 2 * HOUR);
  });

  it('begins a new history rather than a long one where nobody comes for weeks', async () => {
    const watch = await lapse.watch({
      recheckCopy: inTurn<unknown>(...Array.from({ length: 130 }, () => found('missing')), found('whole')),
      downloadAgain: failing('CopyDamaged'),
    });
    await expect(watch.result()).resolves.toMatchObject({ state: 'closed' });
    const calls = lapse.callsOf(watch);
    expect(calls.filter((call) => call === 'recheckCopy')).toHaveLength(132);
    expect(calls.filter((call) => call === 'findAbandoned')).toHaveLength(2);
    expect(await eventCountOf(watch)).toBeLessThan(1_000);
  });

  it('tells a person, and goes on, where the store cannot be read', async () => {
    const fails = Array.from({ length: 20 }, () => failing('StoreUnavailable'));
    const watch = await lapse.watch({ recheckCopy: inTurn<unknown>(...fails, found('whole')) });
    await watch.result();
    expect(lapse.callsOf(watch)).toContain('recordOutcome:attention:StoreUnavailable');
    expect(lapse.callsOf(watch)).toContain('recordOutcome:settled:StoreUnavailable');
    expect(lapse.callsOf(watch)).not.toContain('downloadAgain');
  });
});
