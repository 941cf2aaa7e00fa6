import { ArchivistError, FAILURES, handlingOf, type FailureType } from '../../src/domain/failures';
import { progress } from '../../src/workflows/messages';
import { inTurn, USUAL } from './script';
import { durationOf, startTimeLapse, valuesOf, type TimeLapse } from './time-lapse';

const HOUR = 3_600_000;
const types = Object.keys(FAILURES) as FailureType[];
const handledBy = (...handlings: string[]): FailureType[] =>
  types.filter((type) => handlings.includes(handlingOf(type)));
const failing = (type: FailureType) => () => Promise.reject(new ArchivistError(type, 'as told'));

const STEPS = ['awaitAvailable', 'downloadArchive', 'verifyCopy', 'secureCopy', 'abandonArchive'] as const;

describe('a failing claim', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  it.each(handledBy('poll', 'retry'))('goes on by itself after %s', async (type) => {
    const claim = await lapse.claim({
      downloadArchive: inTurn<unknown>(failing(type), USUAL.downloadArchive),
    });
    await claim.result();
    expect(lapse.callsOf(claim)).toEqual([...STEPS.slice(0, 2), ...STEPS.slice(1)]);
  });

  it.each(STEPS)('goes on by itself after a passing failure of %s', async (name) => {
    const claim = await lapse.claim({ [name]: inTurn<unknown>(failing('Unexpected'), USUAL[name]) });
    await claim.result();
    expect(lapse.callsOf(claim).filter((call) => call === name)).toHaveLength(2);
  });

  it.each(handledBy('attention'))(
    'asks for a person after %s, and tries again 6 hours later',
    async (type) => {
      const claim = await lapse.claim({ secureCopy: inTurn<unknown>(failing(type), USUAL.secureCopy) });
      await claim.result();
      const elapsed = await durationOf(claim);
      expect(elapsed).toBeGreaterThanOrEqual(6 * HOUR);
      expect(elapsed).toBeLessThan(7 * HOUR);
      expect(lapse.callsOf(claim)).toContain(`recordOutcome:attention:${type}`);
      expect(await valuesOf(claim, 'ArchivistState')).toContain('attention');
    },
  );

  it('tries again at once where one that needs a person is announced', async () => {
    const claim = await lapse.claim({
      secureCopy: inTurn<unknown>(failing('ZipUnreadable'), USUAL.secureCopy),
    });
    await lapse.sleep(HOUR);
    await expect(claim.query(progress)).resolves.toMatchObject({
      state: 'attention',
      attention: 'ZipUnreadable',
    });
    await claim.signal('announced');
    await claim.result();
    expect(await durationOf(claim)).toBeLessThan(2 * HOUR);
    await expect(claim.query(progress)).resolves.not.toHaveProperty('attention');
  });

  it.each(handledBy('downloadAgain'))(
    'downloads afresh after %s, and asks for a person after three copies',
    async (type) => {
      const twice = await lapse.claim({
        verifyCopy: inTurn<unknown>(failing(type), failing(type), USUAL.verifyCopy),
      });
      await twice.result();
      expect(lapse.callsOf(twice).filter((call) => call === 'downloadArchive')).toHaveLength(3);
      expect(lapse.callsOf(twice)).not.toContain(`recordOutcome:attention:${type}`);

      const thrice = await lapse.claim({
        verifyCopy: inTurn<unknown>(failing(type), failing(type), failing(type), USUAL.verifyCopy),
      });
      await thrice.result();
      expect(lapse.callsOf(thrice)).toContain(`recordOutcome:attention:${type}`);
    },
  );

  it.each(handledBy('end').filter((type) => type !== 'Cancelled'))('ends with %s', async (type) => {
    const claim = await lapse.claim({ downloadArchive: failing(type) });
    await expect(claim.result()).rejects.toMatchObject({ cause: { type } });
    const state = type === 'ArchiveMissed' ? 'missed' : 'failed';
    expect(lapse.callsOf(claim).at(-1)).toBe(`recordOutcome:${state}:${type}`);
    expect(lapse.callsOf(claim)).not.toContain('abandonArchive');
  });
});
