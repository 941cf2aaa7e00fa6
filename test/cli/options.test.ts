import { InvalidArgumentError } from 'commander';
import {
  command,
  configuredCommand,
  countArgument,
  durationArgument,
  portArgument,
  sizeArgument,
} from '../../src/cli/options';

describe('a port', () => {
  it.each([
    ['0', 0],
    ['8080', 8080],
    ['65535', 65_535],
  ])('%s is %i', (text, port) => {
    expect(portArgument(text)).toBe(port);
  });
  it.each(['65536', '-1', '80.5', 'http', '80a', 'Infinity', 'NaN'])('is not %p', (text) => {
    expect(() => portArgument(text)).toThrow(InvalidArgumentError);
    expect(() => portArgument(text)).toThrow('Expected a port from 0 to 65535.');
  });
});

describe('a count', () => {
  it.each([
    ['1', 1],
    ['250', 250],
  ])('%s is %i', (text, count) => {
    expect(countArgument(text)).toBe(count);
  });
  it.each(['0', '', '-1', '1.5', 'many', 'Infinity'])('is not %p', (text) => {
    expect(() => countArgument(text)).toThrow('Expected a whole number from 1 on.');
  });
});

describe('a duration', () => {
  it('is parsed into milliseconds', () => {
    expect(durationArgument('3 days')).toBe(259_200_000);
  });
  it.each(['3', 'days', '', '-1 day'])('is not %p', (text) => {
    expect(() => durationArgument(text)).toThrow('Expected a duration such as "3 days".');
  });
});

describe('a size', () => {
  it.each([
    ['0', 0],
    ['1048576', 1_048_576],
    ['64k', 65_536],
    ['64 KiB', 65_536],
    ['256MiB', 268_435_456],
    ['8 gb', 8_589_934_592],
    [' 5 B ', 5],
  ])('%p is %i bytes', (text, bytes) => {
    expect(sizeArgument(text)).toBe(bytes);
  });
  it.each(['', 'k', '1.5m', '-1', '1x', '1 k k', '0x10'])('is not %p', (text) => {
    expect(() => sizeArgument(text)).toThrow('Expected a size such as 1048576, 64KiB or 256MiB.');
  });
});

describe('every command', () => {
  it('has --json', () => {
    expect(command('x', 'does x').parse(['--json'], { from: 'user' }).opts()).toEqual({ json: true });
    expect(command('x', 'does x').parse([], { from: 'user' }).opts()).toEqual({});
  });

  it.each([['--config'], ['-c']])('that needs the configuration accepts %s', (flag) => {
    const options = configuredCommand('x', 'does x').parse([flag, 'a.yaml'], { from: 'user' }).opts();
    expect(options).toEqual({ config: 'a.yaml' });
  });

  it('explains its purpose and its options in its help', () => {
    const help = configuredCommand('x', 'does x').helpInformation();
    for (const part of ['does x', '--json', '--config <file>', 'ARCHIVIST_CONFIG', '--help'])
      expect(help).toContain(part);
  });
});
