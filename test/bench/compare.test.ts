import { compareTo, tableOf } from '../../bench/all/compare';
import { BENCHES, type Ratio } from '../../bench/all/benches';

describe('a ratio compared with the committed one', () => {
  const higher = (value: number): Ratio => ({ name: 'claims', value, better: 'higher' });
  const lower = (value: number): Ratio => ({ name: 'claims', value, better: 'lower' });

  it.each([
    [higher(0.76), 1, false],
    [higher(0.74), 1, true],
    [higher(9), 1, false],
    [lower(1.24), 1, false],
    [lower(1.26), 1, true],
    [lower(0.1), 1, false],
  ])('%j to %f is worse by more than a quarter: %s', (ratio, committed, isWorse) => {
    expect(compareTo({ claims: committed }, [ratio])).toEqual([{ ...ratio, committed, isWorse }]);
  });

  it('counts as not worse if none was committed', () => {
    expect(compareTo({}, [lower(9)])).toMatchObject([{ committed: undefined, isWorse: false }]);
  });

  it('is marked in the table', () => {
    expect(tableOf(compareTo({ claims: 1 }, [higher(0.5), { ...lower(2), name: 'CPU' }]))).toEqual([
      'ratio   now   committed  better if',
      'claims  0.50  1.00       higher     WORSE',
      'CPU     2.00  -          lower',
    ]);
  });
});

it('the bench reads the ratios from the output of each bench, and omits peers that are not installed', () => {
  const printed: Record<string, unknown[]> = {
    claim: [{ ratio: 0.6, cpuRatio: 1.5 }],
    gateway: [{ outage: { startRatio: 0.9 }, bareRatio: 0.3 }],
    download: [{ ratios: { curl: 0.5, aria2: null } }],
    reconcile: [
      { queued: 0, ratio: 2 },
      { queued: 1000, ratio: 3 },
    ],
  };
  const values = BENCHES.map(({ name, ratios }) => ratios(printed[name] ?? []).map(({ value }) => value));
  expect(values).toEqual([[0.6, 1.5], [0.9, 0.3], [0.5], [2, 3]]);
});
