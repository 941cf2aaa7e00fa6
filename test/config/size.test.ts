import { parseSize } from '../../src/config/size';
import { problemsOf, read, SMALLEST } from './sample';

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
  ])('%p is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('claim.maxSize', () => {
  it('is read into bytes', () => {
    expect(read({ ...SMALLEST, claim: { maxSize: '20 GiB' } }).claim.maxSize).toBe(20 * 1024 ** 3);
  });

  it.each([
    ['0', 'expected a size such as `512 MiB`, `20 GiB` or `1 TiB`'],
    ['huge', 'expected a size such as `512 MiB`, `20 GiB` or `1 TiB`'],
    [1024, 'is a number; expected a size such as `512 MiB`, `20 GiB` or `1 TiB`'],
  ])('is refused where it says %p', (maxSize, problem) => {
    expect(problemsOf({ ...SMALLEST, claim: { maxSize } })).toEqual([`\`claim.maxSize\`: ${problem}`]);
  });
});
