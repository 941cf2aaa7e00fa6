import fc from 'fast-check';
import { parseDuration, parseSize } from '../../src/config/quantities';
import { problemsOf, read, SMALLEST } from './sample';

describe('a duration', () => {
  it.each([
    ['1 ms', 1],
    ['10 seconds', 10_000],
    ['5 minutes', 300_000],
    ['5m', 300_000],
    ['1.5 hours', 5_400_000],
    ['7 days', 604_800_000],
    ['7 DAYS', 604_800_000],
    ['  2 weeks  ', 1_209_600_000],
    ['100 years', 3_155_760_000_000],
  ])('%p is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    ['without a unit', '5'],
    ['of zero', '0 seconds'],
    ['below zero', '-5 seconds'],
    ['of an unknown unit', '5 fortnights'],
    ['without a number', 'minutes'],
    ['with more than one part', '1 h 30 m'],
    ['of nothing', ''],
    ['that rounds to nothing', '0.2 ms'],
    ['past every date', '101 years'],
    ['that is infinite', `${'9'.repeat(38)} y`],
    ['longer than what the parser takes', `${'9'.repeat(400)} days`],
    ['in the form of a number', '1e3 ms'],
    ['with a comma', '1,5 h'],
  ])('is refused if it is %s', (_, text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('is always a whole number of milliseconds', () => {
    const written = fc
      .tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom('ms', 's', 'minutes', 'h', 'days'))
      .map(([count, unit]) => `${count.toFixed(5)} ${unit}`);
    fc.assert(
      fc.property(fc.oneof(written, fc.string()), (text) => {
        const duration = parseDuration(text);
        expect(duration === undefined || (Number.isSafeInteger(duration) && duration > 0)).toBe(true);
      }),
    );
  });
});

describe('a size', () => {
  it.each([
    ['1', 1],
    ['1048576', 1_048_576],
    ['64k', 65_536],
    ['64 K', 65_536],
    ['256 MiB', 268_435_456],
    ['256 MB', 268_435_456],
    ['8GiB', 8_589_934_592],
    ['8 gib', 8_589_934_592],
    ['1 TiB', 1_099_511_627_776],
    ['  20  GiB  ', 21_474_836_480],
    ['0', 0],
  ])('%p is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    '',
    ' ',
    'GiB',
    '1.5 GiB',
    '-1',
    '1 GiBs',
    '1 PiB',
    '1 GG',
    '0x10',
    '1e6',
    '9'.repeat(17),
    '9000000 TiB',
  ])('%p is invalid', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('claim.maxSize', () => {
  it('is parsed into bytes', () => {
    expect(read({ ...SMALLEST, claim: { maxSize: '20 GiB' } }).claim.maxSize).toBe(20 * 1024 ** 3);
  });

  it.each([
    ['0', 'expected a size such as `512 MiB`, `20 GiB` or `1 TiB`'],
    ['huge', 'expected a size such as `512 MiB`, `20 GiB` or `1 TiB`'],
    [1024, 'is a number; expected a size such as `512 MiB`, `20 GiB` or `1 TiB`'],
  ])('is refused if it is %p', (maxSize, problem) => {
    expect(problemsOf({ ...SMALLEST, claim: { maxSize } })).toEqual([`\`claim.maxSize\`: ${problem}`]);
  });
});
