import type { FailureType } from '../../src/domain/failures';
import { inTurn } from './script';
import { durationOf, eventCountOf, startTimeLapse, valuesOf, type TimeLapse } from './time-lapse';
import { DAY, failing, HOUR } from './turns';

const expired = () => Promise.resolve();

describe('a platform that does not say EXPIRED', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it.each<[type: FailureType, shown: FailureType]>([
    ['NotYetExpired', 'ExpiryUnconfirmed'],
    ['ArchiveNotFound', 'ArchiveNotFound'],
    ['PlatformUnavailable', 'PlatformUnavailable'],
    ['CredentialsRejected', 'CredentialsRejected'],
  ])('but %s for a week, is shown as %s, asked on, and believed in the end', async (type, shown) => {
    const answers = Array.from({ length: 190 }, () => failing(type));
    const watch = await lapse.watch({ awaitExpired: inTurn<unknown>(...answers, expired) });
    await watch.result();
    const calls = lapse.callsOf(watch);
    expect(calls.indexOf(`recordOutcome:attention:${shown}`)).toBe(calls.indexOf('awaitExpired') + 174);
    expect(calls.slice(-3)).toEqual([`recordOutcome:settled:${shown}`, 'recheckCopy', 'closeArchive']);
    const elapsed = await durationOf(watch);
    expect(elapsed).toBeGreaterThan((3 + 7) * DAY + 15 * 6 * HOUR);
    expect(elapsed).toBeLessThan((3 + 7) * DAY + 18 * 6 * HOUR);
    expect(await valuesOf(watch, 'ArchivistState')).toEqual([
      'abandoned',
      'attention',
      'abandoned',
      'closed',
    ]);
  });

  it('is asked for years without a longer history', async () => {
    const forYears = (days: number) =>
      lapse.watch({
        awaitExpired: inTurn<unknown>(
          ...Array.from({ length: 174 + days * 4 }, () => failing('NotYetExpired')),
          expired,
        ),
      });
    const [short, long] = [await forYears(2), await forYears(200)];
    await short.result();
    await long.result();
    expect(await eventCountOf(long)).toBe(await eventCountOf(short));
  });

  it('but shows it as available again, is a matter for a person, and is asked again every 6 hours', async () => {
    const watch = await lapse.watch({
      awaitExpired: inTurn<unknown>(failing('AbandonUndone'), failing('AbandonUndone'), expired),
    });
    await lapse.reach(watch, 'recordOutcome:attention:AbandonUndone', 3 * DAY + HOUR);
    await expect(watch.query('progress')).resolves.toMatchObject({
      state: 'attention',
      attention: 'AbandonUndone',
      phase: 'asking',
    });
    await watch.result();
    expect(lapse.callsOf(watch).slice(2)).toEqual([
      'awaitExpired',
      'recordOutcome:attention:AbandonUndone',
      'awaitExpired',
      'awaitExpired',
      'recordOutcome:settled:AbandonUndone',
      'recheckCopy',
      'closeArchive',
    ]);
    expect(await durationOf(watch)).toBeGreaterThan(3 * DAY + 11 * HOUR);
  });

  it('is asked at once when the watch is told to look, and the copy is verified before', async () => {
    const watch = await lapse.watch({
      awaitExpired: inTurn<unknown>(failing('NotYetExpired', 5 * DAY), expired),
    });
    await lapse.reach(watch, 'awaitExpired', 3 * DAY + HOUR);
    await watch.signal('recheck');
    await watch.result();
    expect(await durationOf(watch)).toBeLessThan(4 * DAY);
    expect(lapse.callsOf(watch).slice(2)).toEqual([
      'awaitExpired',
      'recheckCopy',
      'awaitExpired',
      'recheckCopy',
      'closeArchive',
    ]);
  });

  it('does not keep attention for a copy that is right again', async () => {
    const watch = await lapse.watch({
      awaitExpired: inTurn<unknown>(failing('AbandonUndone'), failing('AbandonUndone'), expired),
      recheckCopy: inTurn<unknown>(
        () => Promise.resolve('whole'),
        () => Promise.resolve('damaged'),
        () => Promise.resolve('whole'),
      ),
      downloadAgain: failing('CopyDamaged'),
    });
    await lapse.reach(watch, 'recordOutcome:attention:AbandonUndone', 3 * DAY + HOUR);
    await watch.signal('recheck');
    await watch.result();
    expect(lapse.callsOf(watch).filter((call) => call.startsWith('recordOutcome'))).toEqual([
      'recordOutcome:attention:AbandonUndone',
      'recordOutcome:attention:CopyDamaged',
      'recordOutcome:settled:CopyDamaged',
      'recordOutcome:attention:AbandonUndone',
      'recordOutcome:settled:AbandonUndone',
    ]);
  });
});
