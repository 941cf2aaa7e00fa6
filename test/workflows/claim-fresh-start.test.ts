import type { ArchiveFacts } from '../../src/domain/claim';
import { FACTS, inTurn, USUAL } from './script';
import { durationOf, startTimeLapse, valuesOf, type Claim, type TimeLapse } from './time-lapse';
import { failing, HOUR } from './turns';

describe('a claim that starts over', () => {
  let lapse: TimeLapse;
  beforeAll(async () => (lapse = await startTimeLapse()));
  afterAll(() => lapse.close());

  const downloads = (claim: Claim) => lapse.callsOf(claim).filter((call) => /^(await|download)/.test(call));

  it('asks for the record before each fresh copy, and goes by what it says', async () => {
    const repaired = { ...FACTS, sha256: 'cd'.repeat(32) };
    const compared: unknown[] = [];
    const claim = await lapse.claim({
      awaitAvailable: inTurn<unknown>(USUAL.awaitAvailable, () =>
        Promise.resolve({ outcome: 'available', facts: repaired, hurry: false }),
      ),
      verifyCopy: (_: unknown, facts: ArchiveFacts) => {
        compared.push(facts);
        return facts.sha256 === repaired.sha256 ? USUAL.verifyCopy() : failing('ChecksumMismatch')();
      },
    });
    await claim.result();
    expect(compared).toEqual([FACTS, repaired]);
    expect(downloads(claim)).toEqual([
      'awaitAvailable',
      'downloadArchive',
      'awaitAvailable',
      'downloadArchive',
    ]);
    expect(await valuesOf(claim, 'ArchivistState')).toEqual([
      'waiting',
      'downloading',
      'waiting',
      'downloading',
      'abandoned',
    ]);
  });

  it('waits again at once where the record no longer says that the file can be downloaded', async () => {
    const claim = await lapse.claim({
      downloadArchive: inTurn<unknown>(
        ...Array.from({ length: 5 }, () => failing('NotDownloadable')),
        USUAL.downloadArchive,
      ),
    });
    await claim.result();
    expect(await durationOf(claim)).toBeLessThan(HOUR);
    expect(downloads(claim)).toEqual(
      Array.from({ length: 6 }, () => ['awaitAvailable', 'downloadArchive']).flat(),
    );
  });

  it('does not count that as a bad copy', async () => {
    const claim = await lapse.claim({
      downloadArchive: inTurn<unknown>(
        failing('NotDownloadable'),
        failing('NotDownloadable'),
        USUAL.downloadArchive,
      ),
      verifyCopy: inTurn<unknown>(failing('ChecksumMismatch'), failing('ChecksumMismatch'), USUAL.verifyCopy),
    });
    await claim.result();
    expect(await valuesOf(claim, 'ArchivistState')).not.toContain('attention');
  });

  it('asks for a person where that has no end', async () => {
    const claim = await lapse.claim({
      downloadArchive: inTurn<unknown>(
        ...Array.from({ length: 10 }, () => failing('NotDownloadable')),
        USUAL.downloadArchive,
      ),
    });
    await claim.result();
    expect(lapse.callsOf(claim)).toContain('recordOutcome:attention:NotDownloadable');
    expect(await durationOf(claim)).toBeGreaterThanOrEqual(6 * HOUR);
  });
});
